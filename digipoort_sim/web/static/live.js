// Says that something happened since the page was made; the page works without it.
"use strict";
const news = document.getElementById("news");
if (news && window.EventSource) {
  const stream = new EventSource("/api/v1/events/stream");
  const show = () => {
    news.hidden = false;
    stream.close();
  };
  stream.addEventListener("event", show);
  stream.addEventListener("status", show);
  window.addEventListener("pagehide", () => stream.close());
}
