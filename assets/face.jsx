// Somebody's picture; nothing where it can't be had, so that what is behind it shows.
import { createElement as h, useState } from "react";

export function Face({ src, className }) {
  const [missing, setMissing] = useState("");
  if (!src || missing === src) return null;
  return h("img", { src, alt: "", loading: "lazy", decoding: "async", referrerPolicy: "no-referrer", className, onError: () => setMissing(src) });
}
