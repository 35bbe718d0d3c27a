// Turns the chat page's form into a conversation: asks without reloading, keeps the talk in this tab only.
// The server renders every card; the page works the same, one question at a time, without this file.
"use strict";

(() => {
  const KEPT = "zwgk-conversation";
  const MOST_KEPT = 30;
  const PATIENCE = 15000;

  const form = document.getElementById("ask");
  const box = document.getElementById("question");
  const list = document.getElementById("conversation");
  const welcome = document.getElementById("welcome");
  const clear = document.getElementById("clear");
  const button = form.querySelector("button");
  let turns = [];
  let busy = false;

  const read = () => {
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEPT));
      return Array.isArray(kept) ? kept.filter((turn) => turn && typeof turn.html === "string") : [];
    } catch {
      return [];
    }
  };

  const keep = () => {
    turns = turns.slice(-MOST_KEPT);
    try {
      sessionStorage.setItem(KEPT, JSON.stringify(turns));
    } catch {
      // Storage may be full or switched off; the conversation then lasts until the page is left.
    }
    clear.hidden = turns.length === 0;
    welcome.hidden = list.children.length > 0;
    form.elements.context.value = turns.length ? turns[turns.length - 1].question : "";
  };

  const show = (question) => {
    const turn = document.createElement("li");
    turn.className = "turn";
    const asked = document.createElement("p");
    asked.className = "asked";
    const said = document.createElement("span");
    said.className = "spoken";
    said.textContent = "您问：";
    asked.append(said, question);
    turn.append(asked);
    list.append(turn);
    return turn;
  };

  const fill = (turn, html) => {
    turn.querySelector(".answer, .waiting")?.remove();
    turn.insertAdjacentHTML("beforeend", html);
  };

  const problem = (turn, question) => {
    const card = document.createElement("div");
    card.className = "answer problem";
    card.setAttribute("role", "alert");
    card.tabIndex = -1;
    const words = document.createElement("p");
    words.textContent = "没有连上服务器，问题还没有得到回答。请检查网络后再试一次。";
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = "再试一次";
    again.addEventListener("click", () => {
      turn.remove();
      ask(question, true);
    });
    card.append(words, again);
    turn.querySelector(".waiting")?.remove();
    turn.append(card);
  };

  const ask = async (question, moveFocus, tapped = false) => {
    if (busy || !question) return;
    busy = true;
    button.disabled = true;
    welcome.hidden = true;
    const turn = show(question);
    const waiting = document.createElement("p");
    waiting.className = "waiting";
    waiting.textContent = "正在查找……";
    turn.append(waiting);
    turn.scrollIntoView({ block: "start" });
    try {
      const response = await fetch("/api/ask", {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "text/html" },
        body: JSON.stringify({
          question,
          area: form.elements.area.value || null,
          context: form.elements.context.value || null,
          tapped,
        }),
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (!(response.headers.get("Content-Type") || "").startsWith("text/html") || response.status >= 500) {
        throw new Error(String(response.status));
      }
      const html = await response.text();
      fill(turn, html);
      if (response.ok) turns.push({ question, html });
      else box.value ||= question; // to be shortened and sent again
      keep();
    } catch {
      problem(turn, question);
    }
    busy = false;
    button.disabled = false;
    turn.scrollIntoView({ block: "start" });
    if (moveFocus) turn.querySelector(".answer")?.focus({ preventScroll: true });
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const question = box.value.trim();
    if (!question || busy) return;
    box.value = "";
    // On a phone the keyboard would cover the answer; with a real one, the next question can be typed at once.
    const touch = matchMedia("(pointer: coarse)").matches;
    ask(question, touch);
    if (!touch) box.focus({ preventScroll: true });
  });

  box.addEventListener("keydown", (event) => {
    // While 汉字 are being composed, Enter belongs to the input method.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  document.addEventListener("click", (event) => {
    const tap = event.target.closest("a[data-ask]");
    if (!tap || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    ask(tap.dataset.ask, true, true);
  });

  clear.addEventListener("click", () => {
    turns = [];
    list.replaceChildren();
    keep();
    box.focus();
  });

  // Kept turns come before the one that the server rendered into this page, if any.
  const served = list.querySelector(".turn");
  turns = read();
  for (const { question, html } of turns) {
    const turn = show(question);
    fill(turn, html);
    if (served) list.insertBefore(turn, served);
  }
  const card = served?.querySelector("article.answer");
  if (card) {
    const question = served.querySelector(".asked").lastChild.textContent;
    turns.push({ question, html: card.outerHTML });
    // Reloading must not ask again, and the question has no business in the address bar.
    history.replaceState(null, "", "/");
  }
  if (turns.length || served) keep();
  list.lastElementChild?.scrollIntoView({ block: "start" });
})();
