// Pictures that are pasted, dropped or chosen: a placeholder stands in the text until the server has them.
import { saying, text } from "../texts.js";
import { exchange, insert } from "./insert.js";

const { complain, csrfToken, RequestError } = window.ecrm;
let running = 0;
let count = 0;

/** How many pictures are on their way. */
export const uploads = () => running;

/** Accept pictures in a form's text field; where the form has no button for them the writer may not add any. */
export function preparePictures(form, field) {
  const button = form.querySelector("[data-picture]");
  const chooser = form.querySelector("[data-picture-file]");
  if (!button) return;
  button.addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", () => { add(field, chooser.files); chooser.value = ""; });
  field.addEventListener("paste", (event) => {
    const files = pictures(event.clipboardData?.files);
    if (!files.length) return;
    event.preventDefault();
    add(field, files);
  });
  const frame = form.querySelector(".composer-frame");
  frame.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    frame.classList.add("composer-drop");
  });
  for (const name of ["dragleave", "drop"]) frame.addEventListener(name, () => frame.classList.remove("composer-drop"));
  frame.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    add(field, event.dataTransfer.files);
  });
}

const pictures = (files) => [...(files ?? [])].filter(({ type }) => type.startsWith("image/"));

function add(field, files) {
  const found = pictures(files);
  if (!found.length) return complain(text("noPicture"));
  for (const file of found) upload(field, file);
}

async function upload(field, file) {
  const name = (file.name || "picture").replace(/[[\]()]/g, " ");
  const label = text("uploading", { name });
  count += 1;
  let shown = `![${label}…](${count})`;
  insert(field, `${shown}\n`);
  running += 1;
  try {
    const { markdown } = await send(file, (percent) => {
      const next = shown.replace(/…( \d+%)?\]/, `… ${percent}%]`);
      if (exchange(field, shown, next)) shown = next;
    });
    exchange(field, shown, markdown);
  } catch (error) {
    exchange(field, `${shown}\n`, "") || exchange(field, shown, "");
    complain(`${text("notUploaded", { name })} ${saying(error)}`);
  } finally {
    running -= 1;
  }
}

// fetch cannot tell how much was sent yet; XMLHttpRequest can.
function send(file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/forums/upload");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(Math.round((100 * loaded) / total)));
    request.addEventListener("load", () =>
      (request.status < 300 ? resolve(request.response) : reject(new RequestError(request.status, request.response))));
    request.addEventListener("error", () => reject(new RequestError(0, null)));
    const body = new FormData();
    body.append("file", file);
    request.send(body);
  });
}
