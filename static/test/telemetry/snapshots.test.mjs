/** No request twice; a new snapshot is noticed without a reload. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { builds } from "../builds.mjs";
import { bucket, serving } from "../published.mjs";

const NEW = "current/20131202120000/nightly/28";

/** Moves the bucket to a new snapshot, in place. */
function publish(files, { collect = false } = {}) {
  for (const path of Object.keys(files).filter((key) => key.includes("/20131201120000/"))) {
    files[path.replace("20131201120000", "20131202120000")] = files[path];
    if (collect) delete files[path];
  }
  files[`${NEW}/CHOICE-by-build-date.json`] = { 20131203: files[`${NEW}/CHOICE-by-build-date.json`][20131102] };
  files["versions.json"] = { "nightly/28": NEW };
}

for (const [name, Telemetry] of Object.entries(builds)) {
  const opened = async () => {
    const files = bucket();
    const client = Telemetry.createClient({ base: "http://data" });
    const { getUrl, requests } = serving(files);
    client.getUrl = getUrl;
    await client.init();
    return { client, files, requests };
  };

  describe(`snapshots and ${name}`, () => {
    test("nothing is requested twice, also by calls at the same time", async () => {
      const { client, requests } = await opened();
      const load = () => client.evolution("nightly/28", "CHOICE");
      await Promise.all([load(), load(), client.measures("nightly/28"), client.evolution("nightly/28", "EMPTY")]);
      await load();
      assert.equal(new Set(requests).size, requests.length);
      assert.equal(requests.length, 7); // among them latest.json, which is not there
    });

    test("two inits at the same time ask once, a later one refreshes the index only", async () => {
      const { client, requests } = await opened();
      await client.evolution("nightly/28", "CHOICE");
      const before = requests.length;
      await Promise.all([client.init(), client.init()]);
      await client.evolution("nightly/28", "CHOICE");
      assert.deepEqual(requests.slice(before), ["http://data/versions.json"]);
    });

    test("init again sees a new snapshot, and its data", async () => {
      const { client, files } = await opened();
      await client.evolution("nightly/28", "CHOICE");
      publish(files);
      await client.init();
      const [date] = (await client.evolution("nightly/28", "CHOICE")).dates();
      assert.equal(date.toISOString().slice(0, 10), "2013-12-03");
    });

    test("data of a snapshot that was collected are read from the new one", async () => {
      const { client, files } = await opened();
      publish(files, { collect: true });
      assert.equal((await client.evolution("nightly/28", "CHOICE")).dates().length, 1);
    });

    test("watch tells of a new snapshot once, goes on after failures, and stops when told", async () => {
      const { client, files } = await opened();
      let told = 0;
      const kept = files["versions.json"];
      delete files["versions.json"];
      const stop = client.watch({ every: 5 }, () => (told += 1));
      await new Promise((resolve) => setTimeout(resolve, 30));
      files["versions.json"] = kept;
      publish(files);
      await new Promise((resolve) => setTimeout(resolve, 60));
      stop();
      files["versions.json"] = kept;
      await new Promise((resolve) => setTimeout(resolve, 30));
      assert.equal(told, 1);
    });

    test("another base starts afresh", async () => {
      const { client, requests } = await opened();
      await client.measures("nightly/28");
      await assert.rejects(client.init({ base: "http://elsewhere/" }));
      assert.equal(requests.at(-1), "http://elsewhere/versions.json");
      assert.throws(() => client.versions(), { code: "not-initialised" });
    });
  });
}
