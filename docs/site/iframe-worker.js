// Browsers start no worker from a page that was opened from a disk. There, the search does its work in
// a frame of the same page, under the name of a worker; from a server, this changes nothing.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      this.scope = frame.contentWindow;
      const answer = (data) => {
        const event = new MessageEvent("message", { data });
        this.dispatchEvent(event);
        this.onmessage?.(event);
      };
      this.scope.postMessage = answer;
      this.scope.importScripts = (...urls) => this.imported(urls);
      this.ready = this.loaded(url);
    }

    imported(urls) {
      return urls.reduce((before, url) => before.then(() => this.loaded(url)), Promise.resolve());
    }

    loaded(url) {
      const { document: inside } = this.scope;
      return new Promise((resolve, reject) => {
        const script = inside.createElement("script");
        script.src = new URL(url, location.href).href;
        script.onload = resolve;
        script.onerror = () => reject(new Error(`cannot load ${script.src}`));
        inside.body.append(script);
      });
    }

    postMessage(data) {
      this.ready.then(() => this.scope.dispatchEvent(new MessageEvent("message", { data })));
    }

    terminate() {
      this.scope.frameElement.remove();
    }
  };
}
