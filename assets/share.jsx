// Handing an address on: by copying it, or by what the device has for that.
import { createElement as h, useEffect, useState } from "react";
import { t } from "$/public/words.jsx";

function useCopied() {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2500);
    return () => clearTimeout(timer);
  }, [copied]);
  return [copied, setCopied];
}

async function copy(text, setCopied, label = t("The address:")) {
  try {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  } catch {
    window.prompt(label, text);
  }
}

const button = (className, onClick, children, word) =>
  h("button", { type: "button", className, onClick }, children, h("span", { "aria-live": "polite" }, word));

export function CopyAddress({ path, className, children }) {
  const [copied, setCopied] = useCopied();
  const address = () => window.location.origin + path;
  return button(className, () => copy(address(), setCopied), children, copied ? t("Copied") : t("Copy link"));
}

export function CopyText({ text, className, children }) {
  const [copied, setCopied] = useCopied();
  return button(className, () => copy(text, setCopied, t("To copy:")), children, copied ? t("Copied") : t("Copy"));
}

export function Share({ path, title, className, children }) {
  const [copied, setCopied] = useCopied();
  const share = () => {
    const url = window.location.origin + path;
    // Whoever thinks better of it has done nothing wrong.
    return navigator.share ? navigator.share({ title, url }).catch(() => {}) : copy(url, setCopied);
  };
  return button(className, share, children, copied ? t("Copied") : t("Share"));
}
