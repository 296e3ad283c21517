"""How Reflex builds and serves the page. Needs no settings, no network and no services."""

import reflex as rx

from vip_manager.page_build import TAILWIND, FewFiles, Font, LightIcons, SameOrigin, Unhurried

config = rx.Config(
    app_name="vip_manager",
    plugins=[
        rx.plugins.TailwindV4Plugin(config=TAILWIND),
        Font(),
        FewFiles(),
        LightIcons(),
        Unhurried(),
        SameOrigin(),
    ],
    disable_plugins=[rx.plugins.SitemapPlugin],
    state_manager_mode=rx.constants.StateManagerMode.MEMORY,
    redis_token_expiration=900,
    default_color_mode="dark",
    frontend_compression_formats=["brotli", "gzip"],
    frontend_lazy_bundled_libraries=True,
    # No other site may read us; the socket's own check stands in vip_manager.py.
    cors_allowed_origins=(),
    telemetry_enabled=False,
    show_built_with_reflex=False,
)
