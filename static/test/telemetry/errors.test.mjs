/** Errors arrive, in callbacks and in Promises; nothing hangs. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { builds } from "../builds.mjs";
import { bucket, row, serving } from "../published.mjs";

const called = (start) => new Promise((resolve) => start((...given) => resolve(given)));
const FOLDER = "current/20131201120000/nightly/28";

for (const [name, Telemetry] of Object.entries(builds)) {
  const opened = async (files) => {
    const client = Telemetry.createClient();
    client.getUrl = serving(files).getUrl;
    await client.init({ base: "http://data" });
    return client;
  };

  describe(`errors of ${name}`, () => {
    test("a call before init says so", async () => {
      const client = Telemetry.createClient({ base: "http://data" });
      assert.throws(() => client.versions(), { code: "not-initialised" });
      await assert.rejects(client.measures("nightly/28"), { code: "not-initialised" });
      const [result, error] = await called((done) => client.loadEvolutionOverBuilds("nightly/28", "CHOICE", done));
      assert.deepEqual([result, error.code], [null, "not-initialised"]);
    });

    test("without an address of the data init fails", async () => {
      const [error] = await called((done) => Telemetry.createClient().init(done));
      assert.equal(error.code, "not-initialised");
      await assert.rejects(Telemetry.init(), { code: "not-initialised" });
      await assert.rejects(Telemetry.createClient({ base: () => "" }).init(), { code: "not-initialised" });
    });

    test("an index that is not there, or no index, arrives as an error", async () => {
      const client = Telemetry.createClient({ base: "http://data" });
      client.getUrl = serving({}).getUrl;
      const [error] = await called((done) => client.init(done));
      assert.match(error.message, /404/);
      client.getUrl = serving({ "versions.json": ["nightly/28"] }).getUrl;
      await assert.rejects(client.init(), { code: "bad-data" });
    });

    test("versions and measures that do not exist are told apart", async () => {
      const client = await opened(bucket());
      await assert.rejects(client.evolution("nightly/99", "CHOICE"), {
        code: "no-such-version",
        message: /nightly\/99/,
      });
      await assert.rejects(client.evolution("toString", "CHOICE"), { code: "no-such-version" });
      await assert.rejects(client.evolution("nightly/28", "NOPE"), { code: "no-such-measure", message: /NOPE/ });
      await assert.rejects(client.evolution("nightly/28", "CHOICE", { by: "moon" }), {
        code: "no-such-option",
        message: /moon/,
      });
      const [result, error] = await called((done) => client.measures("nightly/99", done));
      assert.deepEqual([result, error.code], [null, "no-such-version"]);
    });

    test("a measure without its file is an error, and is asked for again", async () => {
      const files = bucket();
      const client = await opened(files);
      await assert.rejects(client.evolution("nightly/28", "YES"), /YES-by-build-date.json answers 404/);
      files[`${FOLDER}/YES-by-build-date.json`] = { 20131101: [row([1, 1, 0], 2, 3)] };
      assert.equal((await client.evolution("nightly/28", "YES")).range().count(), 2);
    });

    test("rows, dates and kinds that cannot be are refused, with the place", async () => {
      const files = bucket();
      files[`${FOLDER}/YES-by-build-date.json`] = { 20131101: [row([1, 1], 2, 3)] };
      files[`${FOLDER}/CHOICE-by-build-date.json`] = { "2013-11-01": [] };
      files[`${FOLDER}/histograms.json`] = { ...files[`${FOLDER}/histograms.json`], ODD: { kind: "keyed" } };
      files[`${FOLDER}/ODD-by-build-date.json`] = {};
      const client = await opened(files);
      await assert.rejects(client.evolution("nightly/28", "YES"), {
        code: "bad-data",
        message: /YES-by-build-date.json.*20131101.*9 numbers.*10/,
      });
      await assert.rejects(client.evolution("nightly/28", "CHOICE"), { code: "bad-data", message: /2013-11-01/ });
      await assert.rejects(client.evolution("nightly/28", "ODD"), { code: "bad-data", message: /keyed/ });
    });

    test("a hook that throws, fails with a text, or never calls back is an error", async () => {
      const client = Telemetry.createClient({ base: "http://data", timeout: 20 });
      client.getUrl = () => {
        throw new Error("broken hook");
      };
      await assert.rejects(client.init(), /broken hook/);
      client.getUrl = (url, callback) => callback("offline");
      await assert.rejects(client.init(), { code: "network", message: /offline/ });
      client.getUrl = () => {};
      const alive = setTimeout(() => {}, 5000);
      await assert.rejects(client.init({ timeout: 30 }), { code: "timeout" });
      clearTimeout(alive);
    });

    test("an exception in a callback is not swallowed", async () => {
      const client = await opened(bucket());
      const thrown = new Promise((resolve) => process.prependOnceListener("uncaughtException", resolve));
      const others = process.rawListeners("uncaughtException").slice(1);
      for (const listener of others) process.removeListener("uncaughtException", listener);
      client.measures("nightly/28", () => {
        throw new Error("of the page");
      });
      assert.equal((await thrown).message, "of the page");
      for (const listener of others) process.on("uncaughtException", listener);
    });

    test("over HTTP: documents, 404, no JSON, silence and a dead server", async (context) => {
      const answers = {
        "/versions.json": (response) => response.end(JSON.stringify({ "nightly/28": FOLDER })),
        [`/${FOLDER}/histograms.json`]: (response) => response.end("<html>"),
        "/silent": () => {},
      };
      const server = createServer((request, response) => {
        const answer = answers[request.url] ?? ((other) => other.writeHead(404).end());
        answer(response);
      });
      const stopped = () => new Promise((resolve) => server.close(resolve).closeAllConnections());
      context.after(stopped);
      await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
      const base = `http://127.0.0.1:${server.address().port}`;
      const client = Telemetry.createClient();
      await client.init({ base });
      assert.deepEqual(client.versions(), ["nightly/28"]);
      await assert.rejects(client.measures("nightly/28"), { code: "bad-data", message: /is not JSON/ });
      await assert.rejects(client.document("nightly/28", "x.json"), { code: "http", status: 404 });
      const [silent] = await called((done) => client.getUrl(`${base}/silent`, done, { timeout: 50 }));
      assert.equal(silent.code, "timeout");
      await stopped();
      await assert.rejects(client.init(), { code: "network" });
    });
  });
}
