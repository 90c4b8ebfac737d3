// The page to practise on, and the reference client: it uses the public routes of docs/clients.md and docs/practice.md
// alone. Only the sign-in is the page's own: it stands for what a platform does with Supabase.

// --- The document ----------------------------------------------------------------------------------------------------

const svgSpace = "http://www.w3.org/2000/svg";
const view = document.getElementById("view");
const notice = document.getElementById("notice");

/** Makes an element; a property that begins with "on" is a listener, null and false are left out. */
function make(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...some(children));
  return element;
}
const some = (children) => children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
const h = (tag, properties, ...children) => make(document.createElement(tag), properties, children);
const s = (tag, properties, ...children) => make(document.createElementNS(svgSpace, tag), properties, children);

const percent = (p) => `${Math.floor(p * 100)}%`; // as the service's sentences: 84.9% is not 85%
const share = (part, whole) => `${Math.round((100 * part) / whole)}%`;
const fixed = (x, digits = 2) => x.toFixed(digits).replace("-", "−");
const when = (text) => new Date(text).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
const many = (n, one, more = `${one}s`) => `${n} ${n === 1 ? one : more}`;

/** Says something to screen readers alone. */
const say = (text) => { document.getElementById("status").textContent = text; };

/** Shows a view, and moves the focus to its heading so that a screen reader begins there. */
function show(title, ...children) {
  const heading = h("h1", { tabindex: -1 }, title);
  document.title = `${title} · Journey API`;
  document.onkeydown = null;
  view.replaceChildren(heading, ...some(children));
  heading.focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** Shows what went wrong or what is being tried, until it is dismissed or the next request gets its reply. */
function tell(text, id, ...actions) {
  notice.replaceChildren(
    h("div", {}, h("p", {}, text), id && h("code", {}, `Correlation id: ${id}`)),
    h("div", { class: "row" }, actions, h("button", { class: "link", type: "button", onclick: () => notice.replaceChildren() }, "Dismiss")),
  );
}

// --- The service -----------------------------------------------------------------------------------------------------

/** A failure envelope, as an error. */
class Refusal extends Error {
  constructor(status, body) {
    super(body.error.message);
    Object.assign(this, { status, code: body.error.code, ...body.meta });
  }
  get words() {
    return [this.message, ...(this.violations ?? []).map((one) => `${one.field}: ${one.message}`)].join(" · ");
  }
}

const kept = JSON.parse(sessionStorage.getItem("signed-in") ?? "null");
const user = { token: null, role: null, students: [], me: null, ...kept };
const keep = () => sessionStorage.setItem("signed-in", JSON.stringify(user));

const refreshHelps = ["token_expired", "algorithm_rejected", "key_unknown", "signature_invalid"];
const mostTries = 6;
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

/** Sends one request until a reply comes. A POST gets one Idempotency-Key for all of its tries: whichever of them arrived
 *  counts, once. */
async function call(method, path, body) {
  const headers = { Accept: "application/json" };
  if (method === "POST") headers["Idempotency-Key"] = crypto.randomUUID();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let refreshed = false;
  for (let tries = 1; ; tries++) {
    if (user.token) headers.Authorization = `Bearer ${user.token}`;
    let reply, envelope;
    try {
      reply = await fetch(path, { method, headers, cache: "no-store", body: body === undefined ? undefined : JSON.stringify(body) });
      envelope = await reply.json();
    } catch { // no reply, or not all of it: the same request again
      if (tries === mostTries) await new Promise((again) => {
        tell("The service can't be reached. Nothing that you answered is lost.", null, h("button", { type: "button", onclick: again }, "Try again"));
      });
      else tell("The connection was lost. Trying again…");
      await pause(Math.min(2 ** (tries - 1) / 2, 4));
      if (tries === mostTries) tries = 0;
      continue;
    }
    if (reply.ok) {
      notice.replaceChildren();
      return envelope.data;
    }
    const refusal = new Refusal(reply.status, envelope);
    if (reply.status === 401 && refreshHelps.includes(refusal.reason) && !refreshed && user.role) {
      refreshed = true; // once: a second refusal is not the token's age
      await signIn(user.role);
      continue;
    }
    if ([408, 429, 503].includes(reply.status) && tries < mostTries) {
      const wait = Number(reply.headers.get("Retry-After") ?? 1) * tries;
      tell(`${refusal.message}. Trying again in ${many(wait, "second")}…`, refusal.correlation_id);
      await pause(wait);
      continue;
    }
    throw refusal;
  }
}
const get = (path) => call("GET", path);
const post = (path, body) => call("POST", path, body);
const sessionPath = (id, rest = "") => `/api/adaptive/sessions/${encodeURIComponent(id)}${rest}`;

/** Gets every page of a list. */
async function all(path, name) {
  const found = [];
  for (;;) {
    const data = await get(`${path}${path.includes("?") ? "&" : "?"}limit=1000&offset=${found.length}`);
    found.push(...data[name]);
    if (data[name].length < 1000) return found;
  }
}

/** Gets a list about a student; one without a record has none. */
const ofStudent = (path, name) => all(path, name).catch((error) => {
  if (error.status === 404) return [];
  throw error;
});

async function signIn(role) {
  user.token = null;
  Object.assign(user, { role });
  const { access_token: token, students } = await post(`/practice/sign-in/${role}`);
  Object.assign(user, { token, students: students ?? [] });
  keep();
}

function signOut(message) {
  sessionStorage.clear();
  Object.assign(user, { token: null, role: null, students: [], me: null });
  welcome();
  if (message) tell(message);
}

/** Runs what a click began. What it can't mend itself is shown; who is not signed in any more signs in. */
async function run(work) {
  try {
    return await work();
  } catch (error) {
    if (error.status === 401 && error.reason !== "account_incomplete") return signOut(`${error.message}. Please sign in again.`);
    if (error instanceof Refusal) return tell(error.words, error.correlation_id);
    tell(`Something went wrong on this page: ${error.message}`);
    throw error;
  }
}

/** A listener that does one thing at a time: a second click does not send a second request. */
function once(work) {
  let busy = false;
  return async (event) => {
    event?.preventDefault();
    if (busy) return;
    busy = true;
    try { await run(work); } finally { busy = false; }
  };
}

// --- Signing in ------------------------------------------------------------------------------------------------------

function welcome() {
  document.getElementById("who").replaceChildren();
  const door = (role, title, text, label) => h("section", { class: "card" }, h("h2", {}, title), h("p", { class: "soft" }, text),
    h("button", { class: "main", type: "button", "data-role": role, onclick: once(() => enter(role)) }, label));
  show("See it work", h("div", { class: "welcome" },
    h("p", { class: "soft" }, "The service decides which question comes next, grades it, and keeps track of what has been mastered. This page uses its public routes alone."),
    h("div", { class: "doors" },
      door("student", "Student", "Choose concepts and practise them. Each question comes with the reason why it was picked.", "Practise as a student"),
      door("faculty", "Teacher", "See what a cohort has mastered, concept by concept, and how one student got there.", "Look as a teacher"))));
}

async function enter(role) {
  await signIn(role);
  await home();
}

async function home() {
  user.me ??= await get("/api/me");
  keep();
  const name = user.me.role === "student" ? "Demo student" : "Demo teacher";
  document.getElementById("who").replaceChildren(
    h("span", {}, name), h("button", { class: "link", type: "button", onclick: () => signOut() }, "Sign out"));
  concepts = new Map((await all("/api/bank/concepts", "concepts")).map((one) => [one.concept_id, one]));
  return user.me.role === "student" ? choose() : cohort(0);
}

let concepts = new Map();
const nameOf = (id) => concepts.get(id)?.name ?? id;
const masteryOf = async (id) => new Map((await ofStudent(`/api/bkt/mastery/${encodeURIComponent(id)}`, "states")).map((one) => [one.concept_id, one]));

// --- Choosing --------------------------------------------------------------------------------------------------------

function bar(p, isMastered) {
  const fill = h("i", { class: isMastered && "mastered" });
  fill.style.width = `${p * 100}%`; // by script: the policy of the page takes no style of the markup
  return h("div", { class: "bar", "aria-hidden": "true" }, fill);
}

async function choose() {
  const [states, { sessions }] = await Promise.all([masteryOf(user.me.sub), get("/api/adaptive/sessions?limit=6")]);
  const active = sessions.find((one) => one.status === "active");
  const chosen = h("output", { role: "status" }, "Nothing chosen yet");
  const cards = [...concepts.values()].map((one) => {
    const state = states.get(one.concept_id);
    return h("label", { class: "concept" }, h("input", { type: "checkbox", name: "concept", value: one.concept_id }), h("span", {},
      h("span", { class: "name" }, one.name),
      h("span", { class: "builds" }, one.prerequisites.length ? `Builds on ${one.prerequisites.map(nameOf).join(", ")}` : "Builds on nothing"),
      state && h("span", { class: "builds" }, `Mastered to ${percent(state.p_mastered)}, ${many(state.evidence_count, "answer")}`),
      state && bar(state.p_mastered, state.is_mastered)));
  });
  const boxes = () => cards.map((card) => card.querySelector("input"));
  const count = () => {
    const n = boxes().filter((box) => box.checked).length;
    chosen.textContent = n ? `${many(n, "concept")} chosen` : "Nothing chosen yet";
  };
  const check = (value) => () => {
    for (const box of boxes()) if (!box.closest("label").hidden) box.checked = value;
    count();
  };
  const filter = ({ target }) => {
    for (const card of cards) card.hidden = !card.textContent.toLowerCase().includes(target.value.trim().toLowerCase());
  };
  const number = h("input", { type: "number", name: "questions", min: 1, max: 200, value: 10, required: true });
  const open = once(async () => {
    const scope = boxes().filter((box) => box.checked).map((box) => box.value);
    if (!scope.length) {
      tell("Choose at least one concept.");
      return boxes()[0].focus();
    }
    try {
      const session = await post("/api/adaptive/sessions", { scope_concept_ids: scope, question_count: number.valueAsNumber, time_mode: "untimed" });
      return await practise(session);
    } catch (error) {
      if (error.code !== "SESSION_ALREADY_ACTIVE") throw error;
      await resume(error.session_id);
      tell("A session was under way already: this is it.");
    }
  });
  show("What do you want to practise?",
    active && h("section", { class: "card" }, h("div", { class: "row end" },
      h("p", {}, h("strong", {}, "A session is under way: "), `${active.answered} of ${many(active.question_count, "question")} answered, since ${when(active.started_at)}.`),
      h("div", { class: "row" },
        h("button", { class: "main", type: "button", id: "resume", onclick: once(() => resume(active.session_id)) }, "Go on"),
        h("button", { type: "button", onclick: once(() => complete(active.session_id)) }, "End it")))),
    h("form", { onsubmit: open },
      h("div", { class: "toolbar" },
        h("input", { type: "search", placeholder: "Find a concept", "aria-label": "Find a concept", oninput: filter }),
        h("button", { type: "button", onclick: check(true) }, "Choose all"),
        h("button", { type: "button", onclick: check(false) }, "Choose none")),
      h("fieldset", { class: "concepts", onchange: count }, h("legend", { class: "unseen" }, "Concepts"), cards),
      h("div", { class: "start" }, chosen, h("label", {}, "Questions", number), h("button", { class: "main", type: "submit", id: "start" }, "Practise"))),
    pastSessions(sessions.filter((one) => one !== active)));
}

function pastSessions(sessions) {
  if (!sessions.length) return null;
  return h("section", { class: "card past" }, h("h2", {}, "Before"), h("div", { class: "scroll", role: "region", "aria-label": "Past sessions", tabindex: 0 }, h("table", {},
    h("thead", {}, h("tr", {}, ["Began", "Concepts", "Right", "Ability"].map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, sessions.map((one) => h("tr", {},
      h("th", { scope: "row" }, h("button", { class: "link", type: "button", onclick: once(() => summarise(one)) }, when(one.started_at))),
      h("td", {}, one.scope_concept_ids.length === 1 ? nameOf(one.scope_concept_ids[0]) : many(one.scope_concept_ids.length, "concept")),
      h("td", { class: "brief" }, `${one.correct} of ${one.answered}`), h("td", {}, fixed(one.ability.theta))))))));
}

// --- Practising ------------------------------------------------------------------------------------------------------

/** Goes on with a session that is under way, here or in another tab. */
async function resume(id) {
  const session = await get(sessionPath(id));
  return session.status === "active" && session.next_item ? practise(session) : summarise(session);
}

async function practise(session) {
  const states = await masteryOf(user.me.sub);
  const before = new Map(session.mastery.map((one) => [one.concept_id, one.p_mastered_before]));
  const turn = {
    session, item: session.next_item, practised: [], abilities: [],
    mastery: new Map([...before].map(([id, p]) => [id, { p: states.get(id)?.p_mastered ?? p, isMastered: states.get(id)?.is_mastered }])),
  };
  for (const [id, state] of states) turn.mastery.set(id, { p: state.p_mastered, isMastered: state.is_mastered });
  return ask(turn);
}

/** Shows the open question. */
function ask(turn) {
  const { item, session } = turn;
  const { content, rationale } = item;
  if (!turn.practised.includes(item.concept_id)) turn.practised.push(item.concept_id);
  turn.mastery.set(item.concept_id, { ...turn.mastery.get(item.concept_id), p: rationale.concept_mastery });
  turn.ability = { theta: rationale.theta, theta_sd: rationale.theta_sd };
  const options = (content?.options ?? []).map((option, i) => h("label", { class: "option", "data-key": option.key },
    h("input", { type: "radio", name: "option", value: option.key }), h("kbd", { "aria-hidden": "true" }, i + 1), h("span", {}, option.text), h("b", {})));
  const form = h("form", {},
    h("fieldset", {}, h("legend", {}, options.length
      ? ["Choose an answer", h("span", { class: "keys" }, `: keys 1 to ${options.length}, then Enter`)]
      : "Answer it for yourself, then say how it went"), options),
    h("div", { class: "row actions" }, options.length
      ? [h("button", { class: "main", type: "submit", id: "send" }, "Answer"), h("button", { type: "button", id: "skip" }, "I don't know")]
      : [h("button", { class: "main", type: "button", id: "knew" }, "I was right"), h("button", { type: "button", id: "missed" }, "I was wrong")]));
  show(nameOf(item.concept_id),
    h("div", { class: "progress" }, h("span", { class: "soft small" }, `Question ${item.position} of ${session.question_count}`),
      bar((item.position - 1) / session.question_count), h("button", { class: "link", type: "button", id: "end", onclick: once(() => complete(session.session_id)) }, "End the session")),
    h("div", { class: "practice" },
      h("section", { class: "card", "aria-label": "Question" },
        h("p", { class: "stem", id: "stem" }, content?.stem ?? item.item_id),
        h("p", { class: "why" }, h("span", { class: "unseen" }, "Why this question: "), rationale.sentence),
        form, h("div", { id: "result", role: "status" })),
      h("aside", { id: "side", "aria-label": "What is known of you" })));
  side(turn);

  const began = performance.now();
  let request; // one request, however often it has to be sent
  const send = (outcome) => once(async () => {
    if (request) return;
    if (outcome === undefined && !form.querySelector(":checked")) return tell("Choose an answer first.");
    request = {
      item_id: item.item_id, ...(outcome ?? { response: form.querySelector(":checked").value }),
      latency_ms: Math.min(Math.round(performance.now() - began), 3600000), timestamp: new Date().toISOString(),
    };
    for (const field of form.querySelectorAll("input, button")) field.disabled = true;
    try {
      grade(turn, form, await post(sessionPath(session.session_id, "/answers"), request), request);
    } catch (error) {
      await answerRefused(turn, form, error, () => { request = undefined; });
    }
  });
  form.onsubmit = send();
  for (const [id, outcome] of Object.entries({ skip: { response: null }, knew: { correct: true }, missed: { correct: false } })) {
    form.querySelector(`#${id}`)?.addEventListener("click", send(outcome));
  }
  document.onkeydown = (event) => {
    const option = /^[1-9]$/.test(event.key) && options[event.key - 1];
    if (event.ctrlKey || event.metaKey || event.altKey || request) return;
    if (option) {
      option.firstChild.checked = true;
      option.firstChild.focus();
    } else if (event.key === "Enter" && !event.target.closest("button, input, summary, a")) form.requestSubmit();
  };
}

/** What docs/practice.md says: the question was answered in another tab, or the session has ended there. */
async function answerRefused(turn, form, error, again) {
  const id = turn.session.session_id;
  if (["already_answered", "not_the_given_item"].includes(error.reason)) {
    await resume(id);
    tell("That question was answered in another tab. This is the next one.");
  } else if (error.code === "SESSION_COMPLETED") {
    await summarise(await get(sessionPath(id)));
    tell("The session has ended in another tab.");
  } else {
    again();
    for (const field of form.querySelectorAll("input, button")) field.disabled = false;
    throw error;
  }
}

function grade(turn, form, reply, request) {
  const { mastery } = reply;
  for (const option of form.querySelectorAll(".option")) {
    const isRight = option.dataset.key === reply.correct_key;
    const isChosen = option.dataset.key === request.response;
    if (isRight) { option.classList.add("right"); option.lastChild.textContent = "right"; }
    if (isChosen && !isRight) { option.classList.add("wrong"); option.lastChild.textContent = "yours"; }
  }
  form.classList.add("graded");
  form.querySelector(".actions").remove();
  turn.abilities.push(turn.ability.theta);
  turn.ability = reply.ability;
  turn.mastery.set(mastery.concept_id, { p: mastery.new_p_mastered, isMastered: mastery.is_mastered });
  turn.session = reply.session;
  const next = h("button", { class: "main", type: "button", id: "next", onclick: once(() => {
    if (!reply.next_item) return summarise(reply.session);
    turn.item = reply.next_item;
    return ask(turn);
  }) }, reply.next_item ? "Next question" : "See the summary");
  document.getElementById("result").replaceChildren(
    h("div", { class: `result ${reply.correct ? "right" : "wrong"}` },
      h("strong", {}, reply.correct ? "Right" : "Wrong"),
      h("p", {}, reply.explanation ?? "There is no explanation for this one."),
      h("p", { class: "small soft" }, `${nameOf(mastery.concept_id)}: ${percent(mastery.previous_p_mastered)} → ${percent(mastery.new_p_mastered)}${mastery.is_mastered ? ", mastered" : ""}`,
        !reply.correct && mastery.delta > 0 && ". It can rise after a wrong answer too: some learning is expected from every question.")),
    h("div", { class: "row actions" }, next));
  side(turn);
  next.focus();
}

/** Draws what is known of the student: the bars move when they are drawn again. */
function side(turn) {
  const place = document.getElementById("side");
  const line = (id) => {
    const { p = 0, isMastered } = turn.mastery.get(id) ?? {};
    return h("li", { "data-concept": id, class: id === turn.item.concept_id && "now" },
      h("div", { class: "line" }, h("span", { class: "name" }, nameOf(id)), h("span", { class: "value" }, percent(p), isMastered ? " ✓" : "")), bar(p, isMastered));
  };
  const others = turn.session.scope_concept_ids.filter((id) => !turn.practised.includes(id));
  const wasOpen = place.querySelector("details")?.open;
  const before = new Map([...place.querySelectorAll("li")].map((item) => [item.dataset.concept, item.querySelector("i").style.width]));
  place.replaceChildren(
    h("section", { class: "card" }, h("h2", {}, "Mastery"), h("ul", { class: "bars" }, turn.practised.map(line)),
      others.length > 0 && h("details", { open: wasOpen }, h("summary", {}, `${many(others.length, "more concept")} chosen`), h("ul", { class: "bars" }, others.map(line)))),
    h("section", { class: "card" }, h("h2", {}, "Ability"), abilityPlot(turn.ability, turn.abilities)));
  for (const item of place.querySelectorAll("li")) {
    const fill = item.querySelector("i");
    const to = fill.style.width;
    if (!before.has(item.dataset.concept)) continue;
    fill.style.width = before.get(item.dataset.concept);
    fill.getBoundingClientRect(); // so that it has somewhere to move from
    fill.style.width = to;
  }
}

async function complete(id) {
  try {
    await summarise(await post(sessionPath(id, "/complete")));
  } catch (error) {
    if (error.code !== "SESSION_COMPLETED") throw error;
    await summarise(await get(sessionPath(id)));
  }
}

// --- Plots -----------------------------------------------------------------------------------------------------------

/** The ability with its interval of 95%, and where it was before. */
function abilityPlot({ theta, theta_sd: sd }, before = []) {
  const width = 300, most = 4;
  const x = (value) => 10 + ((Math.max(-most, Math.min(most, value)) + most) / (2 * most)) * (width - 20);
  const [low, high] = [theta - 1.96 * sd, theta + 1.96 * sd];
  const words = `Ability ${fixed(theta)}, with 95% between ${fixed(low)} and ${fixed(high)}`;
  return h("figure", {},
    s("svg", { class: "ability", viewBox: `0 0 ${width} 62`, role: "img", "aria-label": words },
      s("line", { class: "axis", x1: x(-most), x2: x(most), y1: 40, y2: 40 }),
      [-4, -2, 0, 2, 4].map((tick) => [s("line", { class: "axis", x1: x(tick), x2: x(tick), y1: 36, y2: 44 }), s("text", { x: x(tick), y: 59, "text-anchor": "middle" }, fixed(tick, 0))]),
      s("line", { class: "band", x1: x(low), x2: x(high), y1: 20, y2: 20 }),
      before.slice(-30).map((value) => s("circle", { class: "was", cx: x(value), cy: 40, r: 2.5 })),
      s("circle", { class: "dot", cx: x(theta), cy: 20, r: 6.5 })),
    h("figcaption", { class: "soft small" }, `${words}. 0 is the middle of the scale.`));
}

/** Mastery over the answers, a line for each concept: series are {id, points: [[answer, p]…]}. */
function masteryPlot(series, answers) {
  const [width, height, left, bottom, top] = [680, 250, 52, 28, 8];
  const x = (n) => left + (n / Math.max(answers, 1)) * (width - left - 12);
  const y = (p) => top + (1 - p) * (height - bottom - top);
  const ticks = [...new Set([0, 1, 2, 3, 4].map((i) => Math.round((answers * i) / 4)))];
  const words = series.map(({ id, points }) => `${nameOf(id)} from ${percent(points[0][1])} to ${percent(points.at(-1)[1])}`).join("; ");
  return h("figure", {},
    s("svg", { class: "wide", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Mastery over ${many(answers, "answer")}: ${words}` },
      [0, 0.25, 0.5, 0.75, 1].map((p) => [s("line", { class: "axis", x1: left, x2: width - 12, y1: y(p), y2: y(p) }), s("text", { x: left - 8, y: y(p) + 4, "text-anchor": "end" }, percent(p))]),
      ticks.map((n) => s("text", { x: x(n), y: height - 8, "text-anchor": "middle" }, n)),
      series.map(({ points }, i) => [
        s("polyline", { class: `track s${i % 8}`, "stroke-dasharray": i >= 8 ? "6 4" : null, points: held(points, answers).map(([n, p]) => `${x(n)},${y(p)}`).join(" ") }),
        points.slice(1).map(([n, p]) => s("circle", { class: `s${i % 8}`, cx: x(n), cy: y(p), r: 3.5 }))])),
    h("ul", { class: "key", "aria-hidden": "true" }, series.map(({ id }, i) => h("li", {},
      s("svg", { viewBox: "0 0 26 10" }, s("line", { class: `track s${i % 8}`, "stroke-dasharray": i >= 8 ? "6 4" : null, x1: 1, x2: 25, y1: 5, y2: 5 })), nameOf(id)))));
}

/** The points with those between them: mastery stays as it is until the concept's next answer. */
function held(points, end) {
  const between = points.flatMap(([n, p], i) => (i > 0 && n - 1 > points[i - 1][0] ? [[n - 1, points[i - 1][1]], [n, p]] : [[n, p]]));
  return [...between, [end, points.at(-1)[1]]];
}

/** One concept's own answers, small enough for a row of a table. */
function spark(values) {
  const x = (i) => 3 + (i / Math.max(values.length - 1, 1)) * 114;
  const y = (p) => 3 + (1 - p) * 22;
  return s("svg", { class: "spark", viewBox: "0 0 120 28", "aria-hidden": "true" },
    s("line", { class: "axis", x1: 3, x2: 117, y1: 25, y2: 25 }),
    s("polyline", { class: "track s0", points: values.map((p, i) => `${x(i)},${y(p)}`).join(" ") }),
    s("circle", { class: "s0", cx: x(values.length - 1), cy: y(values.at(-1)), r: 3 }));
}

const facts = (pairs) => h("dl", { class: "facts" }, Object.entries(pairs).map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))));

// --- The summary -----------------------------------------------------------------------------------------------------

async function summarise(session) {
  const entries = (await ofStudent(`/api/bkt/mastery/${encodeURIComponent(user.me.sub)}/history?since=${encodeURIComponent(session.started_at)}`, "entries"))
    .filter((one) => !session.completed_at || one.timestamp <= session.completed_at);
  const before = new Map(session.mastery.map((one) => [one.concept_id, one.p_mastered_before]));
  const series = [...new Set(entries.map((one) => one.concept_id))].map((id) => ({
    id, before: before.get(id), points: [
      ...(before.has(id) ? [[0, before.get(id)]] : []), // a prerequisite outside the session's concepts has its answers alone
      ...entries.flatMap((one, i) => (one.concept_id === id ? [[i + 1, one.p_mastered]] : [])),
    ],
  }));
  const endings = { count: "All questions are answered.", stop: "The goal of the session is reached.", student: "You ended the session.", pool_exhausted: "There are no more fresh questions on these concepts.", timeout: "The session was left for a day." };
  show("How it went",
    h("p", { class: "soft" }, endings[session.ended_by] ?? "The session is under way."),
    facts({ Answered: session.answered, Right: session.answered ? `${session.correct} (${share(session.correct, session.answered)})` : "0", Ability: `${fixed(session.ability.theta)} ± ${fixed(1.96 * session.ability.theta_sd)}` }),
    series.length > 0 && h("section", { class: "card" }, h("h2", {}, "Mastery over the answers"), masteryPlot(series, entries.length)),
    series.length > 0 && h("section", { class: "card" }, h("h2", {}, "Concept by concept"), h("div", { class: "scroll", role: "region", "aria-label": "Concept by concept", tabindex: 0 }, h("table", {},
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Concept"), ["Answers", "Before", "After", "Change"].map((text) => h("th", { scope: "col", class: "number" }, text)))),
      h("tbody", {}, series.map(({ id, before: first, points }) => conceptRow(id, entries, first, points.at(-1)[1])))))),
    h("section", { class: "card" }, h("h2", {}, "Ability"), abilityPlot(session.ability)),
    h("div", { class: "row actions" }, h("button", { class: "main", type: "button", id: "more", onclick: once(choose) }, "Practise more")));
}

function conceptRow(id, entries, first, last) {
  const change = first === undefined ? null : Math.round((last - first) * 100);
  return h("tr", { "data-concept": id }, h("th", { scope: "row" }, nameOf(id), first === undefined && h("span", { class: "soft small" }, " (comes first)")),
    h("td", { class: "number" }, entries.filter((one) => one.concept_id === id).length),
    h("td", { class: "number" }, first === undefined ? "–" : percent(first)), h("td", { class: "number" }, percent(last)),
    h("td", { class: `number ${change > 0 ? "up" : change < 0 ? "down" : ""}` }, change === null ? "–" : `${change > 0 ? "+" : change < 0 ? "−" : ""}${Math.abs(change)}`));
}

// --- The teacher -----------------------------------------------------------------------------------------------------

const studentsAtOnce = 25;
const steps = [0.2, 0.4, 0.6, 0.85, 0.95];
const stepOf = (p) => steps.filter((from) => p >= from).length;

/** Lists whom a teacher may look for: those who practised in sessions, by the public route, and the demo's. No route lists
 *  the students of an institution: a platform has that list itself. */
async function students() {
  const { sessions } = await get("/api/adaptive/sessions?limit=1000");
  return [...new Set([...sessions.map((one) => one.student_id), ...user.students])];
}

async function cohort(from) {
  const ids = await students();
  const page = ids.slice(from, from + studentsAtOnce);
  say("Loading the cohort");
  const rows = (await Promise.all(page.map(async (id) => ({ id, states: await masteryOf(id) })))).filter(({ states }) => states.size > 0);
  const columns = [...concepts.values()];
  const cell = (state) => state
    ? h("td", { class: `h${stepOf(state.p_mastered)}` }, Math.floor(state.p_mastered * 100))
    : h("td", { class: "none" });
  const turn = (to, text) => h("button", { type: "button", disabled: to < 0 || to >= ids.length, onclick: once(() => cohort(to)) }, text);
  const isLast = rows.length < page.length; // the demo's ids are more than were loaded
  show("The cohort",
    rows.length === 0
      ? h("section", { class: "card" }, h("p", {}, "Nobody has practised yet. Load simulated students, while the service runs:"), h("pre", {}, h("code", {}, "./bin/journey-api demo")), h("button", { class: "main", type: "button", onclick: once(() => cohort(0)) }, "Look again"))
      : h("section", { class: "card" },
        h("p", { class: "soft" }, "How probable it is that each student has mastered each concept, in percent. An empty field is a concept without an answer. Choose a student to see how they got there."),
        h("div", { class: "scroll", role: "region", "aria-label": "Mastery of students by concepts", tabindex: 0 }, h("table", { class: "heat" },
          h("thead", {}, h("tr", {}, h("th", { scope: "col" }, h("span", { class: "unseen" }, "Student")), columns.map((one) => h("th", { scope: "col" }, h("span", { title: one.name }, one.name))))),
          h("tbody", {}, rows.map(({ id, states }) => h("tr", { "data-student": id },
            h("th", { scope: "row" }, h("button", { class: "link", type: "button", onclick: once(() => student(id, from)) }, id)), columns.map((one) => cell(states.get(one.concept_id)))))))),
        h("ul", { class: "legend", "aria-label": "Legend" }, ["below 20", "from 20", "from 40", "from 60", "from 85", "from 95"].map((text, i) => h("li", { class: `h${i}` }, `${text}%`)))),
    h("div", { class: "row" }, turn(from - studentsAtOnce, "Earlier students"), !isLast && turn(from + studentsAtOnce, "More students"),
      rows.length > 0 && h("span", { class: "soft small" }, `${from + 1} to ${from + rows.length}`)));
}

async function student(id, from) {
  const path = `/api/bkt/mastery/${encodeURIComponent(id)}`;
  const [states, entries, { sessions }] = await Promise.all([
    masteryOf(id), ofStudent(`${path}/history`, "entries"), get(`/api/adaptive/sessions?student_id=${encodeURIComponent(id)}&limit=20`).catch((error) => {
      if (error.status === 404) return { sessions: [] };
      throw error;
    })]);
  const ordered = [...states.values()].sort((a, b) => a.p_mastered - b.p_mastered);
  const mastered = ordered.filter((one) => one.is_mastered).length;
  const right = entries.filter((one) => one.correct).length;
  const latest = entries.slice(-25).reverse();
  const marks = { improving: "↗ improving", declining: "↘ declining", stable: "→ stable" };
  show(id,
    h("p", {}, h("button", { class: "link", type: "button", id: "back", onclick: once(() => cohort(from)) }, "Back to the cohort")),
    facts({ Mastered: `${mastered} of ${ordered.length}`, Answers: entries.length, Right: entries.length ? share(right, entries.length) : "–", Sessions: sessions.length, ...(sessions.length ? { Ability: fixed(sessions[0].ability.theta) } : {}) }),
    h("section", { class: "card" }, h("h2", {}, "Concept by concept, the weakest first"), h("div", { class: "scroll", role: "region", "aria-label": "Concept by concept", tabindex: 0 }, h("table", {},
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Concept"), h("th", { scope: "col" }, "Over the answers"), h("th", { scope: "col", class: "number" }, "Mastery"), h("th", { scope: "col", class: "number" }, "Answers"), h("th", { scope: "col" }, "Trend"))),
      h("tbody", {}, ordered.map((one) => h("tr", {}, h("th", { scope: "row" }, nameOf(one.concept_id)),
        h("td", {}, spark(entries.filter((entry) => entry.concept_id === one.concept_id).map((entry) => entry.p_mastered))),
        h("td", { class: "number" }, percent(one.p_mastered), one.is_mastered ? " ✓" : ""), h("td", { class: "number" }, one.evidence_count), h("td", {}, marks[one.trend]))))))),
    pastOf(sessions),
    h("section", { class: "card" }, h("h2", {}, "The latest answers"), h("div", { class: "scroll", role: "region", "aria-label": "The latest answers", tabindex: 0 }, h("table", { class: "long" },
      h("thead", {}, h("tr", {}, ["When", "Concept", "Question", "Answer"].map((text) => h("th", { scope: "col" }, text)), h("th", { scope: "col", class: "number" }, "Mastery then"))),
      h("tbody", {}, latest.map((one) => h("tr", {}, h("td", { class: "brief" }, when(one.timestamp)), h("td", {}, nameOf(one.concept_id)), h("td", { class: "soft" }, one.item_id),
        h("td", { class: one.correct ? "up" : "down" }, one.correct ? "right" : "wrong"), h("td", { class: "number" }, percent(one.p_mastered)))))))));
}

/** A student's sessions, as a teacher sees them: why the open question was picked included. */
function pastOf(sessions) {
  if (!sessions.length) return null;
  return h("section", { class: "card" }, h("h2", {}, "Practice sessions"), h("div", { class: "scroll", role: "region", "aria-label": "Practice sessions", tabindex: 0 }, h("table", { class: "long" },
    h("thead", {}, h("tr", {}, ["Began", "State", "Right", "Ability"].map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, sessions.map((one) => h("tr", {}, h("th", { scope: "row", class: "brief" }, when(one.started_at)),
      h("td", {}, one.status, one.next_item && h("span", { class: "soft small" }, ` · ${one.next_item.rationale.sentence}`)),
      h("td", { class: "brief" }, `${one.correct} of ${one.answered}`), h("td", { class: "brief" }, `${fixed(one.ability.theta)} ± ${fixed(1.96 * one.ability.theta_sd)}`)))))));
}

if (user.token) run(home);
else welcome();
