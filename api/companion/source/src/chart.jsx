// One symptom drawn: the expected band, the own points, an earlier session faintly. The words beside it say
// the same, so the drawing itself is one picture with a name.

import { state } from "./store.js";
import { answerOf, t } from "./words.js";

const WIDTH = 340, HEIGHT = 200, LEFT = 8, RIGHT = 8, TOP = 10, BOTTOM = 26;
const MOST = 10;
const SHORTEST_HOURS = 7 * 24;

const between = (list, hours, name) => {
  const after = list.findIndex((one) => one.hours >= hours);
  if (after <= 0) return (after === 0 ? list[0] : list.at(-1))[name];
  const [low, high] = [list[after - 1], list[after]];
  return low[name] + ((hours - low.hours) / (high.hours - low.hours)) * (high[name] - low[name]);
};

// "within" or "above" what nine in ten have at that moment; "early" where nothing is expected yet.
export function standing(series, point) {
  if (!series.expected.length || point.day < 1) return "early";
  return (point.least ?? point.score) <= between(series.expected, point.hours, "p90") ? "within" : "above";
}

export function Chart({ series, earlier }) {
  const week = (points) => points.filter((one) => one.hours <= SHORTEST_HOURS);
  const x = (hours) => LEFT + (Math.max(0, hours) / SHORTEST_HOURS) * (WIDTH - LEFT - RIGHT);
  const y = (score) => TOP + (1 - score / MOST) * (HEIGHT - TOP - BOTTOM);
  const line = (points, value) => week(points).map((one) => `${x(one.hours).toFixed(1)},${y(value(one)).toFixed(1)}`).join(" ");
  // Nobody holds answers against the band of a symptom that is not judged: none is drawn.
  const expected = series.judged === false ? [] : week(series.expected), own = week(series.points);
  const first = expected[0], last = expected.at(-1);
  const band = expected.length
    ? `${line(expected, (one) => one.p90)} ${x(last.hours)},${y(0)} ${x(first.hours)},${y(0)}` : "";
  return (
    <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t(expected.length ? "course.picture" : "course.picture_own", { points: sayPoints(series.symptom, own) })}>
      {(state.definition?.bands ?? []).map(({ score, label }) => (
        <g key={score}>
          <line class="grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(score)} y2={y(score)} />
          <text class="axis" x={WIDTH - RIGHT} y={y(score) - 3} text-anchor="end">{label}</text>
        </g>
      ))}
      <polygon class="band-area" points={band} />
      <polyline class="band-middle" points={line(expected, (one) => one.p50)} />
      {earlier.map((one) => <polyline key={one.treatment_id} class="earlier-line" points={line(one.points, (point) => point.score)} />)}
      <polyline class="own-line" points={line(own, (one) => one.score)} />
      {own.map((one) => <circle key={one.report_id} class="own-point" cx={x(one.hours)} cy={y(one.score)} r="5.5" />)}
      {[1, 2, 3, 4, 5, 6, 7].map((day) => (
        <text key={day} class="axis" x={x(day * 24)} y={HEIGHT - 7} text-anchor={day === 7 ? "end" : "middle"}>{day}</text>
      ))}
      <text class="axis" x={LEFT} y={HEIGHT - 7}>{t("home.day_word")}</text>
    </svg>
  );
}

function sayPoints(symptom, points) {
  const { definition } = state;
  if (!definition || !points.length) return "";
  return points.map((one) => t("course.point", { day: one.day, band: answerOf(definition, symptom, one.score) })).join("; ");
}
