/** Compiled, never run: every call of the API with its types. */
import Telemetry, { createClient, type Histogram, type HistogramEvolution } from "../telemetry.mjs";

export async function used(): Promise<number> {
  await Telemetry.init({ base: "https://data.example/", timeout: 1000 });
  Telemetry.init((error: Error | null) => void error);
  const [version]: string[] = Telemetry.versions();
  Telemetry.measures(version, (measures, error) => void (measures?.GC_MS.kind, error?.message));
  Telemetry.loadEvolutionOverBuilds(
    version,
    "GC_MS",
    (evolution: HistogramEvolution | null) => void evolution?.dates(),
  );
  Telemetry.getUrl = (url, callback) => callback(new Error(url));
  const evolution = await Telemetry.evolution(version, "GC_MS", {
    by: "submission",
    filter: { OS: ["WINNT"], arch: "x86" },
  });
  const narrowed: HistogramEvolution = evolution.filter("saved_session").filter((path) => path.OS === "WINNT");
  const histogram: Histogram = narrowed.range(new Date(), null);
  const starts: number[] = histogram.map((count, start, end, index) => count + start + end + index);
  const stop: () => void = createClient().watch({ every: 1000 }, (client) => client.versions());
  stop();
  const name: string | null = evolution.filterName();
  return histogram.percentile(50) + starts.length + (name?.length ?? 0) + narrowed.map((date) => date.getTime())[0];
}
