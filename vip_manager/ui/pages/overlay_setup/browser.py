"""What of this page lives in the browser alone."""

import reflex as rx

from vip_manager.services.pictures import StaffReward


class OverlayForm(rx.Component):
    """Chooses how an overlay looks, shows it, and says its address. `link_key` is of the secret link, which is needed
    where `only_by_link`; `reward` is what the preview names where nobody is VIP. Its children are what
    there is to know of the link, and of OBS."""

    library = "$/public/overlay_setup.jsx"
    tag = "OverlayForm"
    login: rx.Var[str]
    link_key: rx.Var[str]
    only_by_link: rx.Var[bool]
    reward: rx.Var[StaffReward]
