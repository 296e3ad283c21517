// A handful of confetti, once for each `stamp`, where motion is welcome. Nothing of the page waits for it.
import { createElement as h, useEffect, useRef, useState } from "react";

const PIECES = 140;
const LASTS = 2600;
const COLOURS = ["--gem", "--gem-text", "--amber", "--green", "--ink"];

// A tab's state on the server lives as long as this does: a page that is loaded anew has had its confetti.
function seen(stamp) {
  try {
    if (sessionStorage.getItem("confetti") === stamp) return true;
    sessionStorage.setItem("confetti", stamp);
  } catch {
    // A browser that keeps nothing may have it twice.
  }
  return false;
}

function burst(canvas, over) {
  const scale = window.devicePixelRatio || 1;
  const [width, height] = [window.innerWidth, window.innerHeight];
  canvas.width = width * scale;
  canvas.height = height * scale;
  const paint = canvas.getContext("2d");
  paint.scale(scale, scale);
  const style = getComputedStyle(document.documentElement);
  const colours = COLOURS.map((one) => style.getPropertyValue(one).trim());
  const pieces = Array.from({ length: PIECES }, (_, number) => ({
    x: width * (number % 2 ? 0.25 : 0.75),
    y: height * 0.45,
    across: (Math.random() - 0.5) * width * 0.9,
    up: -height * (0.5 + Math.random() * 0.7),
    size: 5 + Math.random() * 6,
    spin: (Math.random() - 0.5) * 14,
    colour: colours[number % colours.length],
  }));
  const began = performance.now();
  let frame = requestAnimationFrame(draw);
  function draw(at) {
    const time = Math.max(0, at - began) / 1000;
    paint.clearRect(0, 0, width, height);
    if (time * 1000 > LASTS) return over();
    paint.globalAlpha = Math.min(1, (LASTS / 1000 - time) * 1.6);
    for (const one of pieces) {
      paint.save();
      paint.translate(one.x + one.across * time * 0.6, one.y + one.up * time + height * 0.75 * time * time);
      paint.rotate(one.spin * time);
      paint.fillStyle = one.colour;
      paint.fillRect(-one.size / 2, -one.size / 3, one.size, one.size * 0.6 * Math.abs(Math.cos(one.spin * time)) + 1);
      paint.restore();
    }
    frame = requestAnimationFrame(draw);
    return undefined;
  }
  return () => cancelAnimationFrame(frame);
}

export function Confetti({ stamp }) {
  const ref = useRef(null);
  const [stage, setStage] = useState("");
  useEffect(() => {
    if (!stamp || seen(stamp)) return undefined;
    if (!window.matchMedia("(prefers-reduced-motion: no-preference)").matches) {
      setStage("still");
      return undefined;
    }
    setStage("on");
    return burst(ref.current, () => setStage("over"));
  }, [stamp]);
  return h("canvas", {
    ref,
    "aria-hidden": true,
    "data-confetti": stage || undefined,
    className: `pointer-events-none fixed inset-0 z-50 size-full ${stage === "on" ? "" : "invisible"}`,
  });
}
