// What an overlay's address asks for, and who is on it at which moment. Nothing here draws, waits or looks at a clock.

export const CHOICES = {
  layout: ["card", "list", "bar"],
  theme: ["dark", "light", "clear", "gem"],
  corner: ["top-left", "top", "top-right", "bottom-left", "bottom", "bottom-right"],
  show: ["both", "time", "bar"],
  lang: ["", "en", "de", "es", "fr"],
};
export const SCALES = { s: 0.75, m: 1, l: 1.4 };
// Pixels.
export const EM = 20;
const BOUNDS = { max: [1, 20], seconds: [3, 120], size: [0.5, 3] };
const SWITCHES = ["avatars", "new", "empty"];

export const DEFAULTS = {
  layout: "card",
  size: "m",
  theme: "dark",
  corner: "bottom-left",
  max: 5,
  seconds: 8,
  show: "both",
  avatars: true,
  new: true,
  empty: false,
  lang: "",
};

const within = (text, [least, most]) => {
  const value = Number(text);
  return /^\d{1,3}(\.\d{1,2})?$/.test(text) && value >= least && value <= most ? value : null;
};

// What a query says; whatever it does not say, or says wrong, is as it is by default.
export function read(search) {
  const query = new URLSearchParams(search);
  const wishes = { ...DEFAULTS };
  for (const [name, choices] of Object.entries(CHOICES)) {
    if (choices.includes(query.get(name))) wishes[name] = query.get(name);
  }
  for (const name of SWITCHES) {
    if (["0", "1"].includes(query.get(name))) wishes[name] = query.get(name) === "1";
  }
  for (const name of ["max", "seconds"]) {
    const asked = within(query.get(name) ?? "", BOUNDS[name]);
    if (Number.isInteger(asked)) wishes[name] = asked;
  }
  const size = query.get("size") ?? "";
  if (Object.hasOwn(SCALES, size) || within(size, BOUNDS.size) !== null) wishes.size = size;
  return wishes;
}

export const scaleOf = (size) => SCALES[size] ?? Number(size);

// Of a list, in em (`overlay.jsx`): a row, all that is around the rows, and whoever is announced beside it.
const ROW = 2.7;
const AROUND = 6.5;
const ANNOUNCED = 8;

// The same, with no more people in a list at once than there is height for, in pixels: the others have their turn.
export function fitted(wishes, height) {
  if (wishes.layout !== "list") return wishes;
  const room = height / (EM * scaleOf(wishes.size)) - AROUND - (wishes.new ? ANNOUNCED : 0);
  return { ...wishes, max: Math.max(1, Math.min(wishes.max, Math.floor(room / ROW))) };
}

// The shortest query that asks for just that; empty where all of it is as it is by default.
export function written(wishes) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(wishes)) {
    if (value !== DEFAULTS[name]) query.set(name, typeof value === "boolean" ? Number(value) : value);
  }
  return query.toString();
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
// So long somebody stays whose time is up, until the server says that they are VIP no more; without the server, too.
const AFTER_END = 20 * SECOND;
// Who became VIP longer ago than that was not heard of in time, and is not announced.
const NEWS = 2 * MINUTE;
const LASTS = 7 * SECOND;
const LASTS_IN_LINE = 4 * SECOND;
const MOST_IN_LINE = 12;
const LEAST_MORE = 5 * MINUTE;

export const NOTHING = { picture: null, known: new Map(), line: [], arrival: null, rows: [], first: 0, shown: "", turned: 0, page: 0, pages: 0 };

function newsOf(known, picture, time) {
  const news = [];
  for (const vip of picture.vips) {
    const before = known.get(vip.user_id);
    if (!before || before.granted_at !== vip.granted_at) {
      if (vip.granted_at && time - vip.granted_at < NEWS) news.push({ id: vip.user_id, hours: 0 });
    } else if (before.expires_at && vip.clock === before.clock && vip.expires_at - before.expires_at >= LEAST_MORE) {
      news.push({ id: vip.user_id, hours: (vip.expires_at - before.expires_at) / HOUR });
    }
  }
  return news;
}

// Somebody who is announced twice before their turn came is announced once.
function lined(line, news) {
  const all = [...line];
  for (const one of news) {
    const place = all.findIndex((other) => other.id === one.id);
    if (place < 0) all.push(one);
    else all[place] = { id: one.id, hours: all[place].hours && one.hours ? all[place].hours + one.hours : 0 };
  }
  return all.slice(-MOST_IN_LINE);
}

function announced(stage, line, there, time) {
  const arrival = stage.arrival;
  const waiting = line.filter((one) => there.has(one.id));
  const lasted = arrival && time - arrival.since;
  // A clock that was put back must not keep somebody there for hours.
  const stays = arrival && there.has(arrival.id) && lasted >= 0 && lasted < (waiting.length ? LASTS_IN_LINE : LASTS);
  if (stays) return [arrival, waiting];
  const [next, ...rest] = waiting;
  return next ? [{ ...next, since: time }, rest] : [null, []];
}

// Those on show, by turns: the first of them, and since when.
function turn(stage, people, time, { layout, max, seconds }) {
  const size = layout === "card" ? 1 : max;
  const pages = Math.ceil(people.length / size);
  const begins = !stage.picture || time < stage.turned;
  const due = !begins && time - stage.turned >= seconds * SECOND;
  let turned = due || begins ? time : stage.turned;
  let page;
  if (size === 1) {
    const here = people.findIndex((one) => one.user_id === stage.shown);
    page = here < 0 ? Math.min(stage.page, pages - 1) : due ? here + 1 : here;
    if (here < 0) turned = time;
  } else {
    page = due ? stage.page + 1 : stage.page;
  }
  page = pages > 0 ? Math.max(0, page) % pages : 0;
  return { page, pages, turned, people: people.slice(page * size, (page + 1) * size) };
}

// Whoever has just gone is among the rows for one step more, so that they can be seen to go.
function rowsOf(before, people, samePage) {
  const rows = people.map((vip) => ({ vip, out: false }));
  if (!samePage) return rows;
  before.forEach((row, place) => {
    if (!row.out && !people.some((vip) => vip.user_id === row.vip.user_id)) {
      rows.splice(Math.min(place, rows.length), 0, { vip: row.vip, out: true });
    }
  });
  return rows;
}

const looks = (stage) =>
  JSON.stringify([stage.arrival, stage.line.length, stage.page, stage.pages, stage.rows.map((row) => [row.vip.user_id, row.out])]);

// The stage a moment later: the same object where nothing on it changes. `time` is the server's, in milliseconds.
export function step(stage, picture, time, wishes) {
  const people = picture.vips.filter((vip) => !vip.expires_at || time < vip.expires_at + AFTER_END);
  const there = new Map(people.map((vip) => [vip.user_id, vip]));
  const fresh = picture !== stage.picture;
  const news = fresh && stage.picture && wishes.new ? newsOf(stage.known, picture, time) : [];
  const [arrival, line] = announced(stage, lined(stage.line, news), there, time);
  // While somebody is announced, nobody's turn ends.
  const held = arrival ? { ...stage, turned: time } : stage;
  const { people: shown, page, pages, turned } = turn(held, people, time, wishes);
  const samePage = pages > 0 ? page === stage.page && wishes.layout !== "card" : true;
  const next = {
    picture,
    known: fresh ? new Map(picture.vips.map((vip) => [vip.user_id, vip])) : stage.known,
    line,
    arrival,
    rows: rowsOf(stage.rows, shown, samePage),
    shown: shown[0]?.user_id ?? "",
    turned,
    page,
    pages,
  };
  if (!fresh && turned === stage.turned && looks(next) === looks(stage)) return stage;
  return next;
}
