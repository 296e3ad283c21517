"""A person's picture, or their first letter where there is none."""

from typing import Any

import reflex as rx


class _Face(rx.Component):
    library = "$/public/face.jsx"
    tag = "Face"
    src: rx.Var[str]


def avatar(url: Any, name: Any, size: str = "size-9", text: str = "text-sm") -> rx.Component:
    """Always beside the name, so it says nothing to screen readers."""
    initial = rx.Var.create(name).to(str)[0:1].upper()
    return rx.el.span(
        rx.el.span(initial, class_name=f"{text} font-semibold text-soft"),
        _Face.create(src=url, class_name="absolute inset-0 size-full object-cover"),
        class_name=f"relative grid {size} flex-none place-items-center overflow-hidden rounded-full bg-raised",
        custom_attrs={"aria-hidden": True},
    )
