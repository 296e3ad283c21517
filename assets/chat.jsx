// What is said in chat, being written: each message beside how viewers will see it. The server has the last word.
import { createElement as h, useEffect, useId, useRef, useState } from "react";
import { Unsaved } from "$/public/rewards.jsx";
import { t } from "$/public/words.jsx";

// Chat is said in English, whatever the page's language.
const BACK = "the points go back";
const LONGEST = 500;

// As the server says it.
function span(minutes) {
  const all = Math.max(1, Math.round(minutes));
  const [hours, rest] = [Math.floor(all / 60), all % 60];
  if (all > 48 * 60) {
    const days = Math.floor(Math.round(all / 60) / 24);
    const more = Math.round(all / 60) % 24;
    return more ? `${days} days ${more} h` : `${days} days`;
  }
  if (!hours) return `${rest} min`;
  return rest ? `${hours} h ${rest} min` : `${hours} h`;
}

function samples(event, { viewer, channel, reward, points, hours, soon }) {
  const given = 60 * (Number(hours) || 24);
  const ahead = { "vip.started": given, "vip.extended": given + 134, "vip.ends_soon": Number(soon) || 10 };
  return {
    viewer,
    hours: span(given),
    left: event in ahead ? span(ahead[event]) : "",
    reward,
    points: Number(points).toLocaleString("en"),
    channel,
    reason: event === "vip.refused" ? `the VIP seats are full, ${BACK}` : "the time is up",
  };
}

const filled = (template, values) => {
  const text = template.replace(/\{([^{}]*)\}/g, (part, name) => values[name] ?? part).replace(/^[/. ]+/, "");
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
};

const STROKES = { fill: "none", stroke: "currentColor", strokeWidth: 2, strokeLinecap: "round", strokeLinejoin: "round" };

// Of Lucide: corner-down-right.
const Reply = () =>
  h(
    "svg",
    { viewBox: "0 0 24 24", width: 14, height: 14, "aria-hidden": true, className: "mr-1 inline-block align-middle text-faint", ...STROKES },
    h("path", { d: "m15 10 5 5-5 5" }),
    h("path", { d: "M4 4v7a4 4 0 0 0 4 4h12" }),
  );

// One message as it stands in the chat.
export function Said({ who, avatar, text, streamer, answers }) {
  return h(
    "div",
    { className: "flex items-start gap-2.5 rounded-lg bg-raised px-3 py-2" },
    avatar
      ? h("img", { src: avatar, alt: "", width: 20, height: 20, className: "mt-0.5 size-5 flex-none rounded-full" })
      : h("span", { "aria-hidden": true, className: "mt-0.5 size-5 flex-none rounded-full bg-line" }),
    h(
      "p",
      { className: "min-w-0 [overflow-wrap:anywhere]" },
      answers ? h(Reply) : null,
      h("b", { className: streamer ? "font-semibold text-gem-text" : "font-semibold" }, who),
      ": ",
      text || h("span", { className: "text-faint" }, "…"),
    ),
  );
}

function words(event) {
  return {
    "vip.started": [t("When somebody becomes VIP"), t("By redeeming it, or by your hand.")],
    "vip.extended": [t("When somebody's VIP is extended"), t("They had some left, and got more.")],
    "vip.ends_soon": [t("When VIP ends soon"), t("Once for each end. Not for a VIP that is shorter than twice that.")],
    "vip.ended": [t("When VIP is over"), t("The time is up, or it was ended early.")],
    "vip.refused": [t("When VIP can't be given"), t("Why not, and that the points go back.")],
  }[event];
}

function Line({ line, names, values, wrong, readOnly, usual, soon, onChange, onSoon }) {
  const id = useId();
  const area = useRef(null);
  const minutes = useRef(null);
  useEffect(() => {
    if (wrong) (wrong === "soon_minutes" ? minutes : area).current?.focus();
  }, [wrong]);
  const [title, about] = words(line.event);
  const put = (name) => {
    const box = area.current;
    const part = `{${name}}`;
    const [from, to] = [box.selectionStart ?? line.template.length, box.selectionEnd ?? line.template.length];
    onChange({ ...line, template: line.template.slice(0, from) + part + line.template.slice(to) });
    requestAnimationFrame(() => {
      box.focus();
      box.setSelectionRange(from + part.length, from + part.length);
    });
  };
  const described = [`${id}-left`, wrong ? "chat-lines-error" : ""].join(" ").trim();
  return h(
    "div",
    { role: "group", "aria-label": title, className: "grid gap-x-8 gap-y-4 p-5 lg:grid-cols-[18rem_minmax(0,1fr)]", "data-event": line.event },
    h(
      "div",
      { className: "min-w-0" },
      h(
        "label",
        { className: "flex w-fit cursor-pointer items-start gap-3 text-base font-semibold" },
        h("input", { type: "checkbox", name: `${line.event}.on`, className: "tick mt-0.5", checked: line.on, disabled: readOnly, onChange: (event) => onChange({ ...line, on: event.target.checked }) }),
        title,
      ),
      h("p", { className: "mt-1 pl-8 text-soft" }, about),
    ),
    h(
      "div",
      { hidden: !line.on && !wrong, className: "grid min-w-0 content-start gap-3 [&[hidden]]:hidden" },
      line.event === "vip.ends_soon"
        ? h(
            "div",
            { className: "flex flex-wrap items-center gap-2" },
            h("label", { htmlFor: `${id}-soon` }, t("So long before the end")),
            h("input", { id: `${id}-soon`, ref: minutes, "aria-invalid": wrong === "soon_minutes", "aria-describedby": wrong ? "chat-lines-error" : undefined, name: "soon_minutes", inputMode: "numeric", maxLength: 3, autoComplete: "off", className: "field numbers !min-h-9 !w-20", value: soon, readOnly, onChange: (event) => onSoon(event.target.value) }),
            h("span", { className: "text-soft" }, t("minutes")),
          )
        : null,
      h("label", { htmlFor: id, className: "sr-only" }, t("Message: {what}", { what: title })),
      h("textarea", {
        id,
        ref: area,
        name: line.event,
        rows: 2,
        maxLength: 400,
        className: "field min-h-16 resize-y !py-2",
        value: line.template,
        readOnly,
        "aria-invalid": wrong === line.event,
        "aria-describedby": described,
        onChange: (event) => onChange({ ...line, template: event.target.value.replace(/[\r\n]+/g, " ") }),
      }),
      readOnly
        ? null
        : h(
            "div",
            { className: "flex flex-wrap items-center gap-1.5" },
            names.map((name) =>
              h(
                "button",
                { key: name, type: "button", title: t("Put {name} into the message", { name: `{${name}}` }), className: "numbers rounded-md border border-line px-2 min-h-7 text-xs text-soft hover:border-edge hover:bg-raised hover:text-ink", onClick: () => put(name) },
                `{${name}}`,
              ),
            ),
            line.template === usual
              ? null
              : h(
                  "button",
                  { type: "button", className: "ml-auto min-h-7 rounded-md px-2 text-xs text-soft underline underline-offset-4 hover:text-ink", onClick: () => onChange({ ...line, template: usual }) },
                  t("The usual words"),
                ),
          ),
      h(
        "div",
        { id: `${id}-left` },
        h("p", { className: "sr-only" }, t("As it will be seen:")),
        h(Said, { who: values.channel, avatar: values.avatar, text: filled(line.template, values), streamer: true }),
      ),
    ),
  );
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

// All messages, in the form around them. What is not saved stays, also where somebody else has saved something else.
export function ChatLines({ lines, soon, usual, names, who, wrong, readOnly, busy, saveLook, look, children }) {
  const now = { lines, soon: String(soon) };
  const [saved, setSaved] = useState(now);
  const [draft, setDraft] = useState(now);
  const unsaved = !same(draft, saved);
  const moved = !same(now, saved);
  useEffect(() => {
    // Saved, by this page or by another: where nothing is half written, or it is that very thing, it is shown.
    if (moved && (!unsaved || same(draft, now))) {
      setSaved(now);
      setDraft(now);
    }
  });
  const show = () => {
    setSaved(now);
    setDraft(now);
  };
  const change = (line) => setDraft({ ...draft, lines: draft.lines.map((one) => (one.event === line.event ? line : one)) });
  const bar = unsaved
    ? "unsaved sticky top-2 bottom-4 max-lg:bottom-[calc(4.25rem+env(safe-area-inset-bottom))] z-20 mt-4 rounded-lg border border-edge bg-raised px-3 py-3 shadow-lg sm:px-4"
    : "mt-4 py-1";
  return h(
    "div",
    null,
    moved && unsaved
      ? h(
          "div",
          { role: "status", className: "mb-4 flex flex-wrap items-center justify-between gap-3 rounded-lg border border-amber bg-amber-soft px-3 py-2 text-amber" },
          h("p", null, t("The messages were changed on another page. Saving what stands here would undo that.")),
          h("button", { type: "button", className: look, onClick: show }, t("Show them as they are")),
        )
      : null,
    h(
      "div",
      { className: "divide-y divide-line rounded-lg border border-line bg-surface" },
      draft.lines.map((line) =>
        h(Line, {
          key: line.event,
          line,
          names: names[line.event] ?? [],
          usual: usual[line.event] ?? "",
          values: { ...samples(line.event, { ...who, soon: draft.soon }), avatar: who.avatar },
          wrong: wrong === line.event || (wrong === "soon_minutes" && line.event === "vip.ends_soon") ? wrong : "",
          soon: draft.soon,
          readOnly,
          onChange: change,
          onSoon: (typed) => setDraft({ ...draft, soon: typed }),
        }),
      ),
    ),
    readOnly
      ? null
      : h(
          "div",
          { className: bar },
          children,
          h(
            "div",
            { className: "flex flex-wrap items-center gap-2" },
            h("p", { role: "status", className: unsaved ? "mr-auto font-medium" : "mr-auto text-soft" }, unsaved ? t("Not saved yet") : t("All is saved")),
            unsaved ? h("button", { type: "button", className: look, onClick: show, "aria-disabled": busy }, t("Discard")) : null,
            h("button", { type: "submit", className: saveLook, "aria-disabled": busy || !unsaved }, t("Save the messages")),
          ),
        ),
    h(Unsaved, { unsaved, look, title: t("Leave without saving the messages?") }),
  );
}
