// What the rewards' page does in the browser alone: a preview of what is being typed, and a word before rules that are
// not saved are left behind.
import { createElement as h, useEffect, useRef, useState } from "react";
import { Sheet } from "$/public/shell.jsx";
import { grouped, t } from "$/public/words.jsx";

// What stands in that field of the form around it; `grouped` as a number, where it is one.
export function Typed({ field, number = false }) {
  const ref = useRef(null);
  const [text, setText] = useState("");
  useEffect(() => {
    const form = ref.current.closest("form");
    const read = () => setText(form.elements[field]?.value.trim() ?? "");
    read();
    form.addEventListener("input", read);
    return () => form.removeEventListener("input", read);
  }, [field]);
  return h("span", { ref }, text === "" ? "\u2013" : number ? asNumber(text) : text);
}

// As people type them: "5,000" and "1,5".
function asNumber(text) {
  const plain = /^\d{1,3}([ ,.]\d{3})+$/.test(text) ? text.replace(/[ ,.]/g, "") : text.replace(",", ".");
  return grouped(plain);
}

// Asks before a link leads away from what is not saved, and has the browser ask where the page itself is to go.
export function Unsaved({ unsaved, look }) {
  const [link, setLink] = useState(null);
  const going = useRef(false);
  useEffect(() => {
    if (!unsaved) return undefined;
    const leave = (event) => {
      if (!going.current) event.preventDefault();
    };
    const follow = (event) => {
      const found = event.target.closest?.("a[href]");
      const elsewhere = event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
      if (!found || going.current || elsewhere || found.target === "_blank") return;
      if (found.getAttribute("href").startsWith("#")) return;
      event.preventDefault();
      event.stopPropagation();
      setLink(found);
    };
    window.addEventListener("beforeunload", leave);
    document.addEventListener("click", follow, true);
    return () => {
      window.removeEventListener("beforeunload", leave);
      document.removeEventListener("click", follow, true);
    };
  }, [unsaved]);
  const stay = () => setLink(null);
  const go = () => {
    going.current = true;
    setLink(null);
    link.click();
  };
  const title = t("Leave without saving the rules?");
  return h(
    Sheet,
    { open: link !== null, onDismiss: stay, label: title },
    h("h2", { className: "text-lg font-semibold" }, title),
    h(
      "p",
      { className: "mt-2 text-base" },
      t("What you changed counts for nothing yet. It is kept in this tab for a while, so you can come back to it."),
    ),
    h(
      "div",
      { className: "mt-5 flex justify-end gap-2" },
      h("button", { type: "button", className: look, onClick: stay, "data-first": "true" }, t("Stay")),
      h("button", { type: "button", className: look, onClick: go }, t("Leave")),
    ),
  );
}
