// What the rewards' page does in the browser alone: a preview of what is being typed, and a word before rules that are
// not saved are left behind.
import { createElement as h, useEffect, useRef, useState } from "react";
import { Sheet } from "$/public/shell.jsx";
import { NO_NUMBER, t, typedCost, typedHours } from "$/public/words.jsx";

const READ = { cost: typedCost, hours: typedHours };

// Reads that form's fields, now and whenever something is typed.
function useTyped(fields) {
  const ref = useRef(null);
  const [texts, setTexts] = useState([]);
  useEffect(() => {
    const form = ref.current.closest("form");
    const read = () => setTexts(fields.map((one) => form.elements[one]?.value.trim() ?? ""));
    read();
    form.addEventListener("input", read);
    return () => form.removeEventListener("input", read);
  }, [fields.join()]);
  return [ref, fields.map((one, place) => (READ[one] ?? ((text) => text || NO_NUMBER))(texts[place] ?? ""))];
}

// What stands in that field of the form around it; a cost and hours as numbers, where they are.
export function Typed({ field }) {
  const [ref, [text]] = useTyped([field]);
  return h("span", { ref }, text);
}

// Shows what is in it while there are numbers in all these fields.
export function WhileNumbers({ fields, children }) {
  const [ref, texts] = useTyped(fields);
  return h("span", { ref, hidden: texts.includes(NO_NUMBER) }, children);
}

// Asks before a link leads away from what is not saved, and has the browser ask where the page itself is to go.
export function Unsaved({ unsaved, look, title: asked }) {
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
  const title = asked ?? t("Leave without saving the rules?");
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
