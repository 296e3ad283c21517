"""How people reach us: what the edge has to know of it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from vip_manager.addresses import host_name


@dataclass(frozen=True, slots=True)
class Outside:
    """`public_url` is an origin. `simulator_path` is where the simulated Twitch is mounted, empty where Twitch is real.
    `trusted_proxy_hops` is how many proxies in front add to X-Forwarded-For. `script_hashes` are the inline scripts of
    the built page as a policy names them, `pictures_from` origins of pictures that are served without TLS."""

    public_url: str = "http://localhost:3000"
    simulator_path: str = ""
    trusted_proxy_hops: int = 0
    script_hashes: tuple[str, ...] = ()
    pictures_from: tuple[str, ...] = ()

    @property
    def scheme(self) -> str:
        return urlsplit(self.public_url).scheme

    @property
    def host(self) -> str:
        """Without a port."""
        return host_name(urlsplit(self.public_url).netloc)
