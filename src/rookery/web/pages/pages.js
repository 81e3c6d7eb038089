// Shows a page's parts anew when the hub says that something has changed. Without it the page works as well.
"use strict";
const state = document.getElementById("live");
let source = null;
let asking = false;
let again = false;

function tell(text, mark) {
  if (state) {
    state.textContent = mark + " " + text;
  }
}

// The parts of the page as it would be now. What somebody is typing into, or has under the keyboard, stays.
async function refresh() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  try {
    const reply = await fetch(location.href, { headers: { accept: "text/html" }, credentials: "same-origin" });
    if (reply.status === 401) {
      location.reload();
      return;
    }
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(part.id);
      if (fresh && !part.contains(document.activeElement) && fresh.innerHTML !== part.innerHTML) {
        const open = [...part.querySelectorAll("details")].map((one) => one.open);
        part.replaceChildren(...fresh.childNodes);
        part.querySelectorAll("details").forEach((one, at) => (one.open = open[at] ?? one.open));
      }
    }
    tell("live", "●");
  } catch {
    tell("not reached; trying again", "○");
  } finally {
    asking = false;
    if (again) {
      again = false;
      refresh();
    }
  }
}

function listen() {
  source = new EventSource("/events");
  source.addEventListener("ready", () => tell("live", "●"));
  source.addEventListener("changed", refresh);
  source.onerror = () => tell("not live; reload to see changes", "○");
}

// A page that nobody looks at holds no connection: browsers have six for a site.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    source?.close();
    source = null;
  } else if (!source && state) {
    listen();
    refresh();
  }
});
if (state && !document.hidden) {
  listen();
}
