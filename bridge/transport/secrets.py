"""Properties that do not show their passwords."""

from __future__ import annotations

import re
from typing import Any, Final

#: librdkafka's: sasl.password, ssl.key.password, ssl.keystore.password, ssl.key.pem,
#: sasl.oauthbearer.client.secret, sasl.oauthbearer.config, and what may come.
_SECRET: Final = re.compile(r"password|secret|passphrase|private|token$|\.pem$|oauthbearer\.config")


class Masked(dict[str, Any]):
    """A mapping whose text has a mask in place of each secret."""

    def __repr__(self) -> str:
        shown = {name: "**" if _SECRET.search(name) else value for name, value in self.items()}
        return repr(shown)
