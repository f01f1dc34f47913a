"""Scripts that try to break out. A check that passes has done harm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Who is attacked from: see `profiles`.
ROOT, USER, POD = "root", "user", "pod"
EVERYBODY = frozenset({ROOT, USER, POD})
NOT_IN_A_POD = frozenset({ROOT, USER})
ONLY_ROOT = frozenset({ROOT})

#: What every attack starts with. The engine's process, its files and its neighbours are told, so
#: that nothing depends on whether a script could find them.
PRELUDE = """
import ctypes, errno, hashlib, mmap, os, platform, re, resource, signal, socket, sqlite3, struct
import subprocess, sys, threading, time

LIBC = ctypes.CDLL(None, use_errno=True)
NUMBERS = {{
    "x86_64": dict(ptrace=101, process_vm_readv=310, io_uring_setup=425, add_key=248, bpf=321,
                   perf_event_open=298, userfaultfd=323, pidfd_open=434, pidfd_send_signal=424,
                   pidfd_getfd=438, unshare=272, setns=308, reboot=169, memfd_create=319,
                   inotify_init1=294, shmget=29, mq_open=240, socket=41, kcmp=312, mount=165,
                   init_module=175, chroot=161, prlimit64=302, mount_setattr=442, tgkill=234,
                   rt_sigqueueinfo=129, open_tree=428, setuid=105, personality=135),
    "aarch64": dict(ptrace=117, process_vm_readv=270, io_uring_setup=425, add_key=217, bpf=280,
                    perf_event_open=241, userfaultfd=282, pidfd_open=434, pidfd_send_signal=424,
                    pidfd_getfd=438, unshare=97, setns=268, reboot=142, memfd_create=279,
                    inotify_init1=26, shmget=194, mq_open=180, socket=198, kcmp=272, mount=40,
                    init_module=105, chroot=51, prlimit64=261, mount_setattr=442, tgkill=131,
                    rt_sigqueueinfo=138, open_tree=428, setuid=146, personality=92),
}}[platform.machine()]

ENGINE, VICTIM, SEGMENT = {engine}, {victim}, {segment}
TCP, UDP = {tcp}, {udp}
#: How long harm is given to be noticed.
PAUSE = {pause}
STREAM, DATAGRAM, ABSTRACT = {stream!r}, {datagram!r}, {abstract!r}
FOLDER, SECRET_HASH = {folder!r}, {secret_hash!r}


def is_secret(text):
    data = text if isinstance(text, bytes) else text.encode()
    found = re.findall(rb"s3cret-[0-9a-f]{{32}}", data)
    return any(hashlib.sha256(each).hexdigest() == SECRET_HASH for each in found)


def call(name, *arguments):
    ctypes.set_errno(0)
    result = LIBC.syscall(NUMBERS[name], *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), name)
    return result


def was_tried(error):
    return error.errno not in (errno.EPERM, errno.EACCES, errno.ENOSYS)

"""


@dataclass(frozen=True, slots=True)
class Attack:
    """One way out."""

    name: str
    script: str
    #: Where it works on a script that is run the usual way, by pytest in a subprocess.
    works: frozenset[str] = EVERYBODY

    def module(self, facts: Mapping[str, object]) -> str:
        """The module's text."""
        return PRELUDE.format(**facts) + self.script


def _body(name: str, body: str, works: frozenset[str] = EVERYBODY) -> Attack:
    lines = "".join(f"    {line}\n" for line in body.strip("\n").splitlines())
    return Attack(name, f"def test_attack():\n{lines}", works)


_SECRETS = (
    _body("environment", "assert is_secret(repr(dict(os.environ)))"),
    _body("environment-of-the-engine", 'assert is_secret(open(f"/proc/{ENGINE}/environ").read())'),
    _body("environment-of-a-neighbour", 'assert is_secret(open(f"/proc/{VICTIM}/environ").read())'),
    _body("command-lines", 'assert open(f"/proc/{ENGINE}/cmdline").read()'),
    _body(
        "memory-of-the-engine",
        """
with open(f"/proc/{ENGINE}/maps") as maps, open(f"/proc/{ENGINE}/mem", "rb", 0) as memory:
    for line in maps:
        begin, end = (int(each, 16) for each in line.split()[0].split("-"))
        if "rw-p" in line and ("[heap]" in line or "[stack]" in line):
            memory.seek(begin)
            if is_secret(memory.read(end - begin)):
                return
assert False
""",
        ONLY_ROOT,
    ),
    _body(
        "process_vm_readv",
        """
class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
here = ctypes.create_string_buffer(16)
with open(f"/proc/{ENGINE}/maps") as maps:
    there = int(maps.readline().split("-")[0], 16)
mine, theirs = Vector(ctypes.addressof(here), 16), Vector(there, 16)
assert call("process_vm_readv", ENGINE, ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0) == 16
""",
        ONLY_ROOT,
    ),
    _body(
        "process_vm_readv-call",
        """
try:
    call("process_vm_readv", VICTIM, None, 0, None, 0, 0)
except OSError as error:
    assert was_tried(error)
""",
        ONLY_ROOT,
    ),
    _body("descriptors-of-the-engine", 'assert os.listdir(f"/proc/{ENGINE}/fd")', ONLY_ROOT),
    _body(
        "descriptors-by-pidfd",
        """
process = call("pidfd_open", ENGINE, 0)
assert call("pidfd_getfd", process, 0, 0) >= 0
""",
        ONLY_ROOT,
    ),
    _body("its-own-memory", """
import gc
with open("/proc/self/mem", "rb", 0) as memory, open("/proc/self/maps") as maps:
    for line in maps:
        begin, end = (int(each, 16) for each in line.split()[0].split("-"))
        if "rw-p" in line and "[" in line and begin < 2 ** 47:
            memory.seek(begin)
            if is_secret(memory.read(end - begin)):
                return
assert False
"""),
)  # fmt: skip

_FILES = (
    _body("a-secret-file", 'assert is_secret(open(f"{FOLDER}/secret.txt").read())'),
    _body("a-secret-file-by-descriptor-of-its-folder", """
folder = os.open(FOLDER, os.O_PATH)
assert is_secret(os.read(os.open("secret.txt", os.O_RDONLY, dir_fd=folder), 100))
"""),
    _body("settings", 'assert is_secret(open(f"{FOLDER}/.env").read())'),
    _body("database-file", """
rows = sqlite3.connect(f"file:{FOLDER}/data.db?mode=ro", uri=True).execute("select * from t")
assert is_secret(repr(rows.fetchall()))
"""),
    _body("another-run", 'assert is_secret(open(f"{FOLDER}/testops-x/case-y/notes").read())'),
    _body("list-a-folder", "assert os.listdir(FOLDER)"),
    _body("list-the-root", 'assert os.listdir("/")'),
    _body("accounts", 'assert open("/etc/passwd").read()'),
    _body("symbolic-link", """
os.symlink(f"{FOLDER}/secret.txt", "link.txt")
try:
    assert is_secret(open("link.txt").read())
finally:
    os.unlink("link.txt")
"""),
    _body("hard-link", """
os.link(f"{FOLDER}/secret.txt", "hard.txt")
try:
    assert is_secret(open("hard.txt").read())
finally:
    os.unlink("hard.txt")
"""),
    _body("dot-dot", """
way = os.path.relpath(f"{FOLDER}/secret.txt", os.getcwd())
assert is_secret(open(way).read())
"""),
    _body("append", 'open(f"{FOLDER}/log.txt", "a").write("harm")'),
    _body("write-a-new-file", """
path = f"{FOLDER}/new.txt"
open(path, "w").write("harm")
os.unlink(path)
"""),
    _body("truncate", 'os.truncate(f"{FOLDER}/log.txt", 0)'),
    _body("truncate-while-reading", 'os.open(f"{FOLDER}/log.txt", os.O_RDONLY | os.O_TRUNC)'),
    _body("make-a-folder", 'os.mkdir(f"{FOLDER}/new"); os.rmdir(f"{FOLDER}/new")'),
    _body("rename", """
os.rename(f"{FOLDER}/log.txt", f"{FOLDER}/moved.txt")
os.rename(f"{FOLDER}/moved.txt", f"{FOLDER}/log.txt")
"""),
    _body("remove", """
os.unlink(f"{FOLDER}/spare.txt")
open(f"{FOLDER}/spare.txt", "w").close()
"""),
    _body("mode", 'os.chmod(f"{FOLDER}/log.txt", 0o777)'),
    _body("times", 'os.utime(f"{FOLDER}/log.txt")'),
    _body("owner", 'os.chown(f"{FOLDER}/log.txt", os.getuid(), os.getgid())'),
    _body("code-of-the-platform", """
path = sys.modules["pytest"].__file__
assert os.access(path, os.W_OK)
os.utime(path, ns=(os.stat(path).st_atime_ns, os.stat(path).st_mtime_ns))
""", ONLY_ROOT),
    _body("shared-memory-leftover", """
path = f"/dev/shm/left-by-{os.getpid()}"
open(path, "w").write("harm")
os.unlink(path)
""", NOT_IN_A_POD),
    _body("temporary-leftover", """
path = f"/var/tmp/left-by-{os.getpid()}"
open(path, "w").write("harm")
os.unlink(path)
""", NOT_IN_A_POD),
    _body("kernel-settings", 'open("/proc/sys/kernel/core_pattern", "r+").close()', ONLY_ROOT),
    _body("device-node", """
os.mknod("node", 0o600 | 0o020000, os.makedev(1, 3))
os.unlink("node")
""", ONLY_ROOT),
    _body("kernel-log", 'open("/dev/kmsg").close()', ONLY_ROOT),
    _body("watch-others", """
watch = call("inotify_init1", 0)
assert LIBC.inotify_add_watch(watch, FOLDER.encode(), 2) >= 0
"""),
)  # fmt: skip

_NETWORK = (
    _body("other-port", """
with socket.create_connection(("127.0.0.1", TCP), 5) as peer:
    assert peer.recv(6) == b"banner"
"""),
    _body("other-port-without-python", """
number = LIBC.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
address = struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", TCP, bytes([127, 0, 0, 1]))
assert number >= 0 and LIBC.connect(number, address, len(address)) == 0
"""),
    _body("socket-of-another-abi", """
# x32 on x86_64: the same call under another number.
number = LIBC.syscall((NUMBERS["socket"] | 0x40000000), socket.AF_INET, socket.SOCK_STREAM, 0)
assert number >= 0
""", frozenset()),
    _body("metadata-address", """
with socket.socket() as peer:
    peer.settimeout(0.2)
    try:
        peer.connect(("169.254.169.254", 80))
    except OSError as error:
        assert error.errno not in (errno.EPERM, errno.EACCES)
"""),
    _body("names", """
# A look-up is a way out: what is asked arrives at somebody's name server.
number = LIBC.socket(socket.AF_INET, socket.SOCK_DGRAM, 0)
assert number >= 0
"""),
    _body("udp", """
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
    peer.settimeout(5)
    peer.sendto(b"out", ("127.0.0.1", UDP))
    assert peer.recv(6) == b"banner"
"""),
    _body("udp-without-python", """
number = LIBC.socket(socket.AF_INET, socket.SOCK_DGRAM, 0)
address = struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", UDP, bytes([127, 0, 0, 1]))
assert LIBC.sendto(number, b"out", 3, 0, address, len(address)) == 3
"""),
    _body("mptcp", """
number = LIBC.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
address = struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", TCP, bytes([127, 0, 0, 1]))
assert number >= 0 and LIBC.connect(number, address, len(address)) == 0
"""),
    _body("fast-open", """
number = LIBC.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
address = struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", TCP, bytes([127, 0, 0, 1]))
assert LIBC.sendto(number, b"out", 3, socket.MSG_FASTOPEN, address, len(address)) == 3
"""),
    _body("unix-socket", """
with socket.socket(socket.AF_UNIX) as peer:
    peer.connect(STREAM)
    assert peer.recv(6) == b"banner"
"""),
    _body("abstract-socket", """
with socket.socket(socket.AF_UNIX) as peer:
    peer.connect(ABSTRACT.encode())
    assert peer.recv(6) == b"banner"
"""),
    _body("datagram-of-a-pair", """
# A pair needs no socket(2), and its datagrams take an address.
pair = (ctypes.c_int * 2)()
assert LIBC.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM, 0, pair) == 0
address = struct.pack("=H", socket.AF_UNIX) + DATAGRAM.encode() + bytes(1)
assert LIBC.sendto(pair[0], b"out", 3, 0, address, len(address)) == 3
"""),
    _body("descriptor-that-was-given", """
# Those that it has, to another address.
address = struct.pack("=H", socket.AF_UNIX) + ABSTRACT.encode()
for number in range(3, 10):
    if LIBC.connect(number, address, len(address)) == 0:
        return
    if LIBC.sendto(number, b"out", 3, 0, address, len(address)) == 3:
        return
assert False
""", frozenset()),
    _body("listen", """
with socket.socket() as server:
    server.bind(("127.0.0.1", 0))
    server.listen()
"""),
    _body("listen-on-a-path", """
with socket.socket(socket.AF_UNIX) as server:
    server.bind("own.sock")
os.unlink("own.sock")
"""),
    _body("netlink", """
number = LIBC.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
assert number >= 0
"""),
    _body("raw-packets", "assert LIBC.socket(17, socket.SOCK_RAW, 0) >= 0", ONLY_ROOT),
    _body("asyncio", """
import asyncio
async def main():
    reader, writer = await asyncio.open_connection("127.0.0.1", TCP)
    assert await reader.read(6) == b"banner"
    writer.close()
asyncio.run(main())
"""),
    _body("httpx", """
import httpx
try:
    httpx.get(f"http://127.0.0.1:{TCP}", timeout=5)
except (httpx.RemoteProtocolError, httpx.ReadError):
    pass
"""),
)  # fmt: skip

_PROCESSES = (
    _body("signal", "os.kill(VICTIM, 0)"),
    _body("signal-the-engine", "os.kill(ENGINE, 0)"),
    _body("signal-the-parent", "os.kill(os.getppid() or 1, 0)"),
    _body("signal-a-thread", 'call("tgkill", VICTIM, VICTIM, 0)'),
    _body("signal-by-pidfd", """
call("pidfd_send_signal", call("pidfd_open", VICTIM, 0), 0, None, 0)
"""),
    _body("signal-by-ownership", """
# What a descriptor's owner gets when something arrives is a signal of one's choice.
import fcntl
here, there = socket.socketpair()
fcntl.fcntl(here, fcntl.F_SETOWN, VICTIM)
fcntl.fcntl(here, 10, signal.SIGURG)
"""),
    _body("ptrace", """
call("ptrace", 16, VICTIM, None, None)
os.waitpid(VICTIM, 0x40000000)
call("ptrace", 17, VICTIM, None, None)
""", ONLY_ROOT),
    _body("limits-of-others", """
call("prlimit64", VICTIM, resource.RLIMIT_CORE, (ctypes.c_uint64 * 2)(0, 0), None)
"""),
    _body("priority-of-others", "os.setpriority(os.PRIO_PROCESS, VICTIM, 19)"),
    _body("processor-of-others", "os.sched_setaffinity(VICTIM, os.sched_getaffinity(0))"),
    _body("compare-others", 'call("kcmp", ENGINE, VICTIM, 1, 0, 0)', ONLY_ROOT),
    _body("system-v-memory", 'assert call("shmget", SEGMENT, 0, 0) >= 0'),
    _body("message-queue", """
try:
    call("mq_open", b"victim", 0o102, 0o600, None)
    LIBC.mq_unlink(b"/victim")
except OSError as error:
    assert was_tried(error)
"""),
    _body("fork", """
child = os.fork()
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
"""),
    _body("fork-bomb", """
children = []
for _ in range(200):
    child = os.fork()
    if child == 0:
        # Until it is killed: the bomb is in their number.
        time.sleep(30)
        os._exit(0)
    children.append(child)
for child in children:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""),
    _body("daemon", """
first = os.fork()
if first == 0:
    os.setsid()
    if os.fork() == 0:
        # Outlives its case, and is gone soon where nothing contains it.
        time.sleep(1)
    os._exit(0)
os.waitpid(first, 0)
"""),
    _body("shell", 'assert os.system("true") == 0'),
    _body("program", 'subprocess.run([sys.executable, "-c", "pass"], check=True)'),
    _body("multiprocessing", """
import multiprocessing
process = multiprocessing.get_context("fork").Process(target=print)
process.start()
process.join()
assert process.exitcode == 0
"""),
    _body("setuid-program", 'subprocess.run(["su", "--version"], check=True)'),
)  # fmt: skip

_RIGHTS = (
    _body("user-namespace", 'call("unshare", 0x10000000)', ONLY_ROOT),
    _body("mount-namespace", 'call("unshare", 0x00020000)', ONLY_ROOT),
    _body("network-namespace", 'call("unshare", 0x40000000 | 0x10000000)', ONLY_ROOT),
    _body("namespace-of-the-engine", """
call("setns", os.open(f"/proc/{ENGINE}/ns/uts", os.O_RDONLY), 0)
""", ONLY_ROOT),
    _body("mount", """
try:
    call("mount", b"none", b"/nowhere", b"tmpfs", 0, None)
except OSError as error:
    assert was_tried(error)
""", ONLY_ROOT),
    _body("mount-attributes", """
try:
    call("mount_setattr", -100, b"/nowhere", 0, (ctypes.c_uint64 * 4)(), 32)
except OSError as error:
    assert was_tried(error)
""", ONLY_ROOT),
    _body("open-tree", 'call("open_tree", -100, b"/", 1)', ONLY_ROOT),
    _body("chroot", """
try:
    call("chroot", b"/nowhere")
except OSError as error:
    assert was_tried(error)
""", ONLY_ROOT),
    _body("io_uring", 'assert call("io_uring_setup", 4, (ctypes.c_uint32 * 30)()) >= 0',
          NOT_IN_A_POD),
    _body("keys", 'assert call("add_key", b"user", b"left", b"harm", 4, -3) > 0', NOT_IN_A_POD),
    _body("bpf", """
try:
    call("bpf", 0, (ctypes.c_uint32 * 18)(1, 4, 4, 1), 72)
except OSError as error:
    assert was_tried(error)
""", ONLY_ROOT),
    _body("performance-counters", """
attributes = (ctypes.c_uint32 * 32)(1, 128)
try:
    call("perf_event_open", attributes, 0, -1, -1, 0)
except OSError as error:
    assert was_tried(error)
""", ONLY_ROOT),
    _body("userfaultfd", 'assert call("userfaultfd", 1) >= 0', NOT_IN_A_POD),
    _body("kernel-module", """
try:
    call("init_module", None, 0, b"")
except OSError as error:
    assert was_tried(error)
""", frozenset()),
    _body("reboot", """
try:
    call("reboot", 0, 0, 0, None)
except OSError as error:
    assert was_tried(error)
""", ONLY_ROOT),
    _body("be-root", 'call("setuid", 0)', ONLY_ROOT),
    _body("personality", 'call("personality", 0x0040000)', NOT_IN_A_POD),
    _body("memory-file", 'assert call("memfd_create", b"bomb", 0) >= 0'),
)  # fmt: skip

_BOMBS = (
    _body("threads", """
stop = threading.Event()
threads = [threading.Thread(target=stop.wait, daemon=True) for _ in range(300)]
try:
    for thread in threads:
        thread.start()
finally:
    stop.set()
"""),
    _body("memory", "mmap.mmap(-1, 3 * 1024 ** 3).close()"),
    _body("a-large-file", """
with open("large", "wb") as file:
    try:
        os.posix_fallocate(file.fileno(), 0, 100 * 1024 ** 2)
    finally:
        os.unlink("large")
"""),
    _body("files-that-fill-the-disk", """
names = [f"filler-{number}" for number in range(10)]
try:
    for name in names:
        with open(name, "wb") as file:
            for _ in range(15):
                file.write(bytes(1024 ** 2))
    # The harm stays for a while before it is tidied up.
    time.sleep(PAUSE)
finally:
    for name in names:
        if os.path.exists(name):
            os.unlink(name)
"""),
    _body("many-files", """
try:
    for number in range(5000):
        open(f"crumb-{number}", "w").close()
    # The harm stays for a while before it is tidied up.
    time.sleep(PAUSE)
finally:
    for number in range(5000):
        if os.path.exists(f"crumb-{number}"):
            os.unlink(f"crumb-{number}")
"""),
    _body("descriptors", """
opened = [os.open("/dev/null", os.O_RDONLY) for _ in range(400)]
for number in opened:
    os.close(number)
"""),
    _body("core-dumps", "assert resource.getrlimit(resource.RLIMIT_CORE)[1] != 0"),
    _body("more-of-everything", """
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""),
)  # fmt: skip

ATTACKS = (*_SECRETS, *_FILES, *_NETWORK, *_PROCESSES, *_RIGHTS, *_BOMBS)

#: What must go on working for a script that means no harm.
HONEST: Mapping[str, str] = {
    "imports": """
import decimal, email.message, fractions, html.parser, json, statistics, uuid, xml.dom.minidom
import zoneinfo
def test_honest():
    assert str(zoneinfo.ZoneInfo("Europe/Berlin")) == "Europe/Berlin"
    assert uuid.uuid4() != uuid.uuid4()
    assert xml.dom.minidom.parseString("<a/>").documentElement.tagName == "a"
""",
    "its-folder": """
import os, pathlib, tempfile
def test_honest(tmp_path):
    (tmp_path / "a").write_text("text")
    (tmp_path / "a").rename(tmp_path / "b")
    assert os.listdir(tmp_path) == ["b"]
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as file:
        pathlib.Path(folder, "c").symlink_to("d")
        file.write(bytes(1024))
    assert pathlib.Path("contract.json").read_text()
""",
    "threads": """
from concurrent.futures import ThreadPoolExecutor
def test_honest():
    with ThreadPoolExecutor(32) as pool:
        assert sum(pool.map(int, range(100))) == 4950
""",
    "asyncio": """
import asyncio
def test_honest():
    async def twice():
        await asyncio.gather(asyncio.sleep(0.001), asyncio.to_thread(sorted, [2, 1]))
        return 2
    assert asyncio.run(twice()) == 2
""",
    "database-in-memory": """
import sqlite3
def test_honest():
    rows = sqlite3.connect("own.db").execute("select 1").fetchall()
    assert rows == [(1,)]
""",
    "signals-to-itself": """
import os, signal
def test_honest():
    heard = []
    signal.signal(signal.SIGUSR1, lambda *_: heard.append(1))
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.raise_signal(signal.SIGUSR1)
    assert heard == [1, 1]
""",
    "being-refused": """
import socket
import pytest
def test_honest():
    with pytest.raises(PermissionError, match="the fixture `api`"):
        socket.socket()
    with pytest.raises(PermissionError, match="the fixture `api`"):
        socket.getaddrinfo("localhost", 80)
""",
    "the-tested-api": """
import os
import httpx
from testops import dial
def test_honest():
    number = int(os.environ["TESTOPS_GATEWAY"])
    with httpx.Client(transport=dial.Transport(number), trust_env=False) as client:
        target = {"X-Testops-Target": os.environ["TESTOPS_BASE_URL"]}
        assert client.get(dial.GATEWAY + "/anything", headers=target).status_code == 200
""",
}
