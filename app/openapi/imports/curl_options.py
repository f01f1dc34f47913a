"""The options of curl that take a word, by what curl 8 lists (`curl --help all`)."""

from __future__ import annotations

_NAMES = """
-- abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers config
connect-timeout connect-to continue-at cookie-jar create-file-mode crlfile curves delegation
dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url dump-header egd-file engine
etag-compare etag-save expect100-timeout ftp-port happy-eyeballs-timeout-ms haproxy-clientip hsts
interface ip-tos ipfs-gateway keepalive-cnt keepalive-time key key-type libcurl limit-rate
local-port login-options max-filesize max-redirs max-time netrc-file noproxy output output-dir
parallel-max pass pinnedpubkey preproxy proto proto-default proto-redir proxy proxy-cacert
proxy-capath proxy-cert proxy-cert-type proxy-ciphers proxy-crlfile proxy-header proxy-key
proxy-key-type proxy-pass proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers proxy-user
proxy1.0 pubkey quote random-file range rate referer request-target resolve retry retry-delay
retry-max-time sasl-authzid service-name socks4 socks4a socks5 socks5-gssapi-service
socks5-hostname speed-limit speed-time stderr telnet-option time-cond tls-max tls13-ciphers
tlsauthtype tlspassword tlsuser trace trace-ascii trace-config unix-socket user-agent variable
vlan-priority write-out
"""
#: What says nothing about the request.
SKIPPED = frozenset(f"--{name}" for name in _NAMES.split())
#: The long names of the short options.
SHORT = {
    "A": "--user-agent",
    "b": "--cookie",
    "c": "--cookie-jar",
    "C": "--continue-at",
    "d": "--data",
    "D": "--dump-header",
    "e": "--referer",
    "E": "--cert",
    "F": "--form",
    "H": "--header",
    "K": "--config",
    "m": "--max-time",
    "o": "--output",
    "P": "--ftp-port",
    "Q": "--quote",
    "r": "--range",
    "t": "--telnet-option",
    "T": "--upload-file",
    "u": "--user",
    "U": "--proxy-user",
    "w": "--write-out",
    "x": "--proxy",
    "X": "--request",
    "y": "--speed-time",
    "Y": "--speed-limit",
    "z": "--time-cond",
}
