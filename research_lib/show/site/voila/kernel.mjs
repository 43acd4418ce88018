// The wire to a Voilà kernel: just enough of the Jupyter protocol to speak with the page's one widget.

const start = document.getElementById("kernel");
const { kernelId, modelId, base } = JSON.parse(start.textContent);
const main = document.querySelector("main[data-page]");
const session = crypto.randomUUID?.() ?? String(Math.random()).slice(2);

function message(type, content) {
  const header = { msg_id: `${session}-${Math.random()}`, msg_type: type, session, username: "", version: "5.3",
    date: new Date().toISOString() };
  return JSON.stringify({ header, parent_header: {}, metadata: {}, content, channel: "shell", buffers: [] });
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}${base}api/kernels/${kernelId}/channels?session_id=${session}`);
  const handlers = {};
  const emit = (event, ...values) => { for (const handle of handlers[event] ?? []) handle(...values); };
  const post = (data) => socket.send(message("comm_msg", { comm_id: modelId, data }));

  const widget = {
    state: {},
    get: (name) => widget.state[name],
    send: (content) => post({ method: "custom", content }),
    on: (event, handle) => (handlers[event] ??= []).push(handle),
  };

  socket.addEventListener("open", () => main.attach?.(widget));
  socket.addEventListener("message", (event) => {
    if (typeof event.data !== "string") return;
    const { msg_type: type, content } = JSON.parse(event.data);
    if (type !== "comm_msg" || content.comm_id !== modelId) return;
    if (content.data.method === "custom") emit("msg:custom", content.data.content);
    if (content.data.method === "update") Object.assign(widget.state, content.data.state);
  });
  socket.addEventListener("close", () => {
    main.dataset.live = "false";
    for (const button of main.querySelectorAll("[data-download]")) button.disabled = true;
    const note = main.querySelector('[data-role="live-note"]');
    if (note) note.textContent = main.controller.model.live.lost;
  });
  addEventListener("pagehide", () => navigator.sendBeacon(`${base}voila/api/shutdown/${kernelId}`,
    new URLSearchParams({ _xsrf: /(?:^|; )_xsrf=([^;]*)/.exec(document.cookie)?.[1] ?? "" })));
}

if (kernelId && modelId) connect();
