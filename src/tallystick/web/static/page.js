// Keeps the live page alive: fragments and chart points arrive by server-sent events.
"use strict";

const live = document.getElementById("live");
const pulse = document.getElementById("pulse");
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const views = new Map();

function replace(id, html) {
  const target = document.getElementById(id);
  const open = new Set([...target.querySelectorAll("details[open]")].map((each) => each.id));
  const focused = document.activeElement?.closest?.("details")?.id;
  target.innerHTML = html;
  for (const each of target.querySelectorAll("details")) {
    each.open = open.has(each.id);
    if (each.id === focused) each.querySelector("summary").focus({ preventScroll: true });
  }
}

function showLatest(name, points) {
  const latest = points.at(-1);
  const output = document.querySelector(`[data-latest="${name}"]`);
  if (latest && output) output.textContent = latest.value.toLocaleString("en", { maximumFractionDigits: 2 });
}

async function draw(figure) {
  const name = figure.dataset.chart;
  const plot = figure.querySelector(".plot");
  const answer = await fetch(`${figure.dataset.source}&theme=${dark.matches ? "dark" : "light"}`);
  if (!answer.ok) return;
  const spec = await answer.json();
  showLatest(name, spec.data.values);
  spec.width = plot.clientWidth;
  const holder = document.createElement("div");
  const drawn = await window.vegaEmbed(holder, spec, {
    ast: true, actions: false, defaultStyle: false, renderer: "svg", tooltip: { disableDefaultStyle: true },
  });
  views.get(name)?.finalize();
  plot.replaceChildren(holder);
  views.set(name, drawn.view);
}

function drawAll() {
  if (!window.vegaEmbed) return;
  for (const figure of document.querySelectorAll("[data-chart]")) draw(figure).catch(console.error);
}

function addPoints(fresh) {
  for (const [name, points] of Object.entries(fresh)) {
    showLatest(name, points);
    const view = views.get(name);
    if (!view) continue;
    view.data("points", points).runAsync();
  }
}

function listen() {
  const stream = new EventSource(live.dataset.stream);
  stream.onopen = () => { pulse.className = "pulse on"; };
  stream.onerror = () => {
    pulse.className = "pulse off";
    if (stream.readyState === EventSource.CLOSED) window.location.reload();
  };
  for (const id of ["total", "lines", "health", "invoices"]) stream.addEventListener(id, (event) => replace(id, event.data));
  stream.addEventListener("points", (event) => addPoints(JSON.parse(event.data)));
  stream.addEventListener("ended", () => { stream.close(); window.location.assign("/login"); });
}

document.getElementById("account")?.addEventListener("change", (event) => event.target.form.submit());

let resizing = 0;
window.addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(drawAll, 200); });
dark.addEventListener("change", drawAll);
drawAll();
listen();
