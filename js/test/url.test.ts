import { expect } from "chai";
import { ConnectionError } from "../src/errors.js";
import { endpointOf } from "../src/url.js";
import { inBrowser } from "./harness.js";

describe("endpointOf", () => {
  const found: [url: string, origin: string, path: string, shown?: string][] = [
    ["znsocket://host:5000", "http://host:5000", "/socket.io/"],
    ["znsocket://host:5000/", "http://host:5000", "/socket.io/"],
    ["znsocket://host:5000/team/a", "http://host:5000", "/team/a/socket.io/"],
    ["znsocket://host:5000/team/a//", "http://host:5000", "/team/a/socket.io/"],
    ["znsockets://example.com", "https://example.com", "/socket.io/"],
    ["ZnSocket://host:5000", "http://host:5000", "/socket.io/"],
    ["http://127.0.0.1:8080/x", "http://127.0.0.1:8080", "/x/socket.io/"],
    ["https://[::1]:5000", "https://[::1]:5000", "/socket.io/"],
    ["znsocket://me:secret@host:5000/a?token=secret#x", "http://host:5000", "/a/socket.io/", "znsocket://host:5000/a"],
  ];
  for (const [url, origin, path, shown = url] of found) {
    it(`finds ${url}`, () => expect(endpointOf(url)).deep.equal({ origin, path, shown }));
  }

  for (const url of ["", "host:5000", "redis://host:5000", "znsocket:host", "znsocket://", "znsocket://host:port", "//host", "constructor://host"]) {
    it(`refuses "${url}"`, () => expect(() => endpointOf(url)).throw(ConnectionError, "the URL must be znsocket://host:port"));
  }

  it("shows no password", () => expect(() => endpointOf("redis://me:secret@host")).throw(ConnectionError).not.match(/secret/));

  it("takes the page's origin", () => {
    if (inBrowser) expect(endpointOf(undefined)).deep.equal({ origin: undefined, path: "/socket.io/", shown: location.origin });
    else expect(() => endpointOf(undefined)).throw(ConnectionError, "give a url");
  });
});
