// Sends without leaving the page: posts the forms, then takes the phone and the wire from the page that comes back.
"use strict";

(() => {
  let busy = false;

  const settle = () => {
    const talk = document.getElementById("talk");
    talk.scrollTop = talk.scrollHeight;
  };

  const waiting = (words) => {
    const talk = document.getElementById("talk");
    if (words) {
      const mine = document.createElement("div");
      const said = document.createElement("p");
      mine.className = "mine";
      said.textContent = words;
      mine.append(said);
      talk.append(mine);
    }
    const note = document.createElement("p");
    note.className = "note";
    note.textContent = "等待公众号回复（每次 5 秒，最多投递 3 次）……";
    talk.append(note);
    settle();
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    const data = new URLSearchParams(new FormData(form, event.submitter));
    const typed = form.classList.contains("say");
    const more = document.getElementById("more").open;
    waiting(data.get("tap")?.split(":").slice(1).join(":") || (typed ? data.get("text") : ""));
    try {
      const response = await fetch(form.action, { method: "POST", body: data });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      for (const id of ["phone", "wire"]) {
        document.getElementById(id).replaceWith(document.adoptNode(page.getElementById(id)));
      }
      document.getElementById("more").open = more;
      if (typed) document.getElementById("say").focus({ preventScroll: true });
    } catch {
      document.querySelector("#talk .note:last-child").textContent = "沙盒没有响应。请确认服务还在运行，然后刷新页面。";
    }
    busy = false;
    settle();
  });

  // What the account sends by itself comes without asking.
  setInterval(async () => {
    if (busy || document.hidden) return;
    const response = await fetch(location.href).catch(() => null);
    if (!response?.ok || busy) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const [now, then] = [document.getElementById("talk"), page.getElementById("talk")];
    if (busy || now.innerHTML === then.innerHTML) return;
    now.replaceChildren(...document.adoptNode(then).childNodes);
    settle();
  }, 3000);

  for (const choice of document.querySelectorAll("#who select")) {
    choice.addEventListener("change", () => choice.form.requestSubmit());
  }
  settle();
})();
