// What a page has that socket.io-client@2 polls with when it is told forceJSONP: scripts, and a form in a frame.

class Element {
  style = {};
  children = [];
  setAttribute() {}
  removeChild() {}
  insertBefore(child) {
    this.appendChild(child);
  }
  appendChild(child) {
    child.parentNode = this;
    this.children.push(child);
    child.inserted?.();
  }
}

// showPage makes the page the program's, as one of the server at url.
export function showPage(url) {
  const headers = { Referer: `${url}/page.html` };

  class Script extends Element {
    async inserted() {
      try {
        const answer = await fetch(this.src, { headers });
        (0, eval)(await answer.text());
      } catch (e) {
        this.onerror(e);
      }
    }
  }

  class Form extends Element {
    async submit() {
      const frame = this.children.at(-1);
      const body = new URLSearchParams(this.children.filter(({ name, value }) => value && name).map(({ name, value }) => [name, value]));
      await fetch(this.action, { method: "POST", headers, body });
      frame.onload();
    }
  }

  const body = new Element();
  globalThis.document = {
    body,
    getElementsByTagName: () => [],
    createElement: (tag) => new ({ script: Script, form: Form }[tag] ?? Element)(),
  };
}
