-- A year of a clinic, made in the database itself. Everything hangs on the number n of a treatment or patient,
-- so that the same size gives the same year. Statements are apart by a line with two dashes alone.

CREATE FUNCTION pg_temp.drawn(salted text) RETURNS float IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
$$ SELECT (hashtextextended(salted, 7) & 65535) / 65536.0 $$
--
CREATE FUNCTION pg_temp.key(letter text, n bigint) RETURNS uuid IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
$$ SELECT md5(letter || n)::uuid $$
--
-- Patients: nine in ten with a skin type.
INSERT INTO patient (clinic_id, id, first_name, last_name, phone, year_of_birth, language, time_zone, skin_type,
    answers_by, created_at)
SELECT :clinic, pg_temp.key('p', n), 'Pat', 'Sample ' || n, '+1' || (3000000000 + n), 1960 + n % 40, 'en', 'UTC',
    CASE WHEN pg_temp.drawn(n::text || 'skin') < 0.9 THEN 1 + floor(pg_temp.drawn(n::text || 'type') * 6)::int END, 'link', :now - interval '400 days'
FROM generate_series(0, :patients - 1) AS n
--
-- Treatments over 372 days, the first of which a summary of a year leaves out; every fiftieth withdrawn.
INSERT INTO treatment (clinic_id, id, patient_id, performed_at, device, areas, session_number, protocol, lot,
    created_at, withdrawn_at)
SELECT :clinic, pg_temp.key('t', n), pg_temp.key('p', (n % :patients)), at, (ARRAY['pen', 'pen', 'roller', 'rf'])[1 + n % 4],
    ARRAY['face'], 1 + n / :patients, 'a version',
    CASE WHEN pg_temp.drawn(n::text || 'lot') < 0.5 THEN 'L-' || (n % 9) END, at,
    CASE WHEN pg_temp.drawn(n::text || 'withdrawn') < 0.02 THEN at + interval '1 hour' END
FROM (SELECT n, :now - pg_temp.drawn(n::text || 'when') * interval '372 days' AS at FROM generate_series(0, :treatments - 1) AS n) AS x
--
-- Nine texts a treatment, in every state, with the reason of those that did not leave.
INSERT INTO message (clinic_id, id, patient_id, treatment_id, step, template, due_at, useful_until, state, reason,
    claimed_at, settled_at, body, to_phone, segments, created_at, asks_day)
SELECT :clinic, md5('m' || n || '/' || step)::uuid, patient_id, treatment_id, step, 'day1_link', due,
    due + interval '12 hours', state, 
CASE state WHEN 'undelivered' THEN '30003' WHEN 'failed' THEN '21614' WHEN 'expired' THEN
     'it would have come too late to be of use' WHEN 'delivered' THEN NULL WHEN 'sent' THEN NULL WHEN 'accepted'
     THEN NULL WHEN 'cancelled' THEN (ARRAY['the patient has reported since it was planned',
     'as many texts as one day may have had gone out'])[1 + n % 2] WHEN 'planned' THEN
     CASE WHEN due <= :now THEN 'held for the quiet hours' END END
,
    CASE WHEN state NOT IN ('planned', 'cancelled', 'expired', 'quarantined') THEN due + draw * interval '3 min' END,
    due + interval '5 min', CASE WHEN state IN ('delivered', 'sent') THEN 'Words.' END, NULL,
    CASE WHEN state NOT IN ('planned', 'cancelled', 'expired', 'quarantined') AND n % 50 > 0
    THEN 1 + (n % 3 = 0)::int END,
    made, day
FROM (SELECT *, 
CASE WHEN due > :now THEN 'planned'
     WHEN draw < 0.80 THEN 'delivered' WHEN draw < 0.83 THEN 'sent' WHEN draw < 0.84 THEN 'accepted'
     WHEN draw < 0.87 THEN 'undelivered' WHEN draw < 0.89 THEN 'failed' WHEN draw < 0.95 THEN 'cancelled'
     WHEN draw < 0.98 THEN 'expired' WHEN draw < 0.985 THEN 'quarantined' WHEN draw < 0.99 THEN 'in_doubt'
     ELSE 'planned' END
 AS state
    FROM (SELECT n, t.patient_id, t.id AS treatment_id, step, day, t.created_at AS made,
    t.performed_at + coalesce(day, 0) * interval '24 hours' + interval '2 hours' AS due,
    pg_temp.drawn((n || step)::text || 'text') AS draw
    FROM generate_series(0, :treatments - 1) AS n JOIN treatment t ON t.clinic_id = :clinic AND t.id = pg_temp.key('t', n),
    (VALUES ('day0', NULL), ('day1', 1), ('day2', 2), ('day3', 3), ('day4', 4), ('day5', 5), ('day7', 7), ('day14', 14), ('day28', 28)) AS plan (step, day)
    ) AS drawn) AS stated
--
-- A text of no treatment for everybody.
INSERT INTO message (clinic_id, id, patient_id, step, template, due_at, useful_until, state, claimed_at, settled_at,
    body, segments, created_at)
SELECT :clinic, pg_temp.key('o', n), pg_temp.key('p', n), 'optin', 'optin_confirm', at, at + interval '1 day',
    CASE WHEN n % 11 > 0 THEN 'delivered' ELSE 'failed' END, at, at, 'Words.', 1, at
FROM (SELECT n, :now - pg_temp.drawn(n::text || 'joined') * interval '370 days' AS at FROM generate_series(0, :patients - 1) AS n) AS x
--
-- What was said, seven days in ten.
CREATE TEMP TABLE said ON COMMIT DROP AS
SELECT t.clinic_id, md5('r' || n || '/' || day)::uuid AS id, t.id AS treatment_id, n, day,
    t.performed_at + day * interval '24 hours' + pg_temp.drawn((n || '/' || day)::text || 'seen') * interval '14 hours' AS seen_at,
    pg_temp.drawn((n || '/' || day)::text || 'late') * interval '50 hours' AS took
FROM generate_series(0, :treatments - 1) AS n JOIN treatment t ON t.clinic_id = :clinic AND t.id = pg_temp.key('t', n),
     (VALUES (1), (2), (3), (5)) AS days (day)
WHERE pg_temp.drawn((n || '/' || day)::text || 'said') < 0.7
--
-- What would have come after the moment that the year ends is left out.
DELETE FROM said WHERE seen_at + took > :now
--
INSERT INTO report (clinic_id, id, treatment_id, revision, created_at)
    SELECT clinic_id, id, treatment_id, 1, seen_at + took FROM said
--
INSERT INTO report_revision (clinic_id, report_id, revision, seen_at, hours, received_at, clock, scores,
    warning_signs, confirmed, body, answer)
    SELECT clinic_id, id, 1, seen_at, day * 24, seen_at + took, 'trusted', '{"redness": 2}', '{}', '{}', '{}', ''
    FROM said
--
-- How each report was judged: every one of day 2 stands out.
INSERT INTO assessment (clinic_id, id, treatment_id, report_id, revision, cause, level, day, findings,
    ask_again, protocol, created_at, review_after, reviewed_at)
    SELECT clinic_id, md5('a' || n || '/' || day)::uuid, treatment_id, id, 1, 'report',
    CASE WHEN day = 2 THEN 'abnormal' ELSE 'expected' END, day,
    CASE WHEN day <> 2 THEN '[]'::jsonb
    WHEN n % 3 = 0 THEN '[{"rule": "warning_sign", "level": "abnormal", "sign": "pus"}]'::jsonb
    WHEN n % 3 = 1 THEN '[{"rule": "itch", "level": "watch", "sign": null},
    {"rule": "late", "level": "watch", "sign": null}]'::jsonb
    ELSE '[{"rule": "far_above", "level": "abnormal", "sign": null},
    {"rule": "warning_sign", "level": "abnormal", "sign": "hives"}]'::jsonb END,
    '{}', 'a version', seen_at + took, seen_at + took,
    CASE WHEN pg_temp.drawn((n || '/' || day)::text || 'reviewed') < 0.99
    THEN seen_at + took + pg_temp.drawn((n || '/' || day)::text || 'review') * interval '90 seconds' END
    FROM said
--
-- Flags, some of them raised by words to the staff.
CREATE TEMP TABLE raised ON COMMIT DROP AS
    SELECT said.*, a.id AS assessment_id, a.created_at AS opened_at, pg_temp.drawn(n::text || 'closed') AS draw,
    (n % 7 = 0) AS told
    FROM said JOIN assessment a ON a.clinic_id = said.clinic_id AND a.report_id = said.id
    WHERE said.day = 2 AND pg_temp.drawn(n::text || 'flag') < 0.15
--
INSERT INTO assessment (clinic_id, id, treatment_id, cause, level, day, findings, ask_again, protocol, told,
    created_at, review_after, reviewed_at)
    SELECT clinic_id, md5('w' || n)::uuid, treatment_id, 'told', 'abnormal', 2,
    '[{"rule": "told", "level": "abnormal", "sign": null}]', '{}', 'a version', 'She rang.', opened_at,
    opened_at, opened_at FROM raised WHERE told
--
INSERT INTO flag (clinic_id, id, treatment_id, state, urgency, urgency_rank, due_at, opened_at, held_by,
    resolved_at, outcome, comment)
    SELECT clinic_id, pg_temp.key('f', n), treatment_id,
    CASE WHEN draw < 0.9 AND opened_at < :now - interval '1 day' THEN 'resolved'
    WHEN draw < 0.95 THEN 'claimed' ELSE 'open' END,
    'same_day', 1, opened_at + interval '3 hours', opened_at,
    CASE WHEN draw < 0.95 THEN CAST(:nurse AS uuid) END,
    CASE WHEN draw < 0.9 AND opened_at < :now - interval '1 day'
    THEN opened_at + least(draw * interval '40 hours', :now - opened_at) END,
    CASE WHEN draw < 0.9 AND opened_at < :now - interval '1 day'
    THEN (ARRAY['expected_healing', 'irritation', 'infection_suspected', 'not_reached', 'scar',
    'other', 'expected_healing'])[1 + n % 7] END, 'Seen.'
    FROM raised
--
INSERT INTO flag_assessment (clinic_id, flag_id, assessment_id)
    SELECT clinic_id, pg_temp.key('f', n), CASE WHEN told THEN md5('w' || n)::uuid ELSE assessment_id END FROM raised
--
-- What nurses did, and what they took back.
INSERT INTO flag_event (clinic_id, id, flag_id, at, kind, staff_id, detail)
    SELECT clinic_id, md5('e' || n || kind)::uuid, pg_temp.key('f', n), opened_at + part * pg_temp.drawn(n::text || 'act') * interval '60 hours',
    kind, CASE WHEN kind <> 'opened' THEN CAST(:nurse AS uuid) END, detail::jsonb
    FROM raised, (VALUES ('opened', 0.0, '{}'), ('claimed', 0.1, '{}'), ('contact', 0.2, '{"result": "reached"}'))
    AS acts (kind, part, detail)
    WHERE kind = 'opened' OR (draw < 0.95 AND (kind = 'claimed' OR n % 3 > 0))
--
INSERT INTO flag_event (clinic_id, id, flag_id, at, kind, staff_id, detail)
    SELECT clinic_id, md5('u' || n)::uuid, pg_temp.key('f', n), opened_at + interval '1 hour', 'undone', CAST(:nurse AS uuid),
    jsonb_build_object('undoes', md5('e' || n || 'claimed')::uuid)
    FROM raised WHERE draw < 0.95 AND n % 10 = 0
--
-- Complications that nobody flagged, some of them taken back.
INSERT INTO complication (clinic_id, id, treatment_id, outcome, began_on, recorded_at, withdrawn_at)
    SELECT t.clinic_id, pg_temp.key('c', n), t.id, 'scar', t.performed_at::date, t.performed_at + interval '9 days',
    CASE WHEN n % 5 = 0 THEN t.performed_at + interval '10 days' END
    FROM generate_series(0, :treatments - 1) AS n JOIN treatment t ON t.clinic_id = :clinic AND t.id = pg_temp.key('t', n)
    WHERE pg_temp.drawn(n::text || 'recorded') < 0.01
--
-- Words to be read, some seen to, some settled.
INSERT INTO inbound_text (clinic_id, id, source, carrier_id, phone, body, received_at, meaning, patient_id,
    treatment_id, to_read, due_at, answer, read_at, read_by)
    SELECT t.clinic_id, pg_temp.key('i', n), 'text', 'SM' || n, '+13000000000', 'A question.', at, 'other', t.patient_id,
    t.id, true, at + interval '4 hours', 'got_text',
    CASE WHEN n % 4 > 0 THEN at + pg_temp.drawn(n::text || 'read') * interval '8 hours' END,
    CASE WHEN n % 4 > 1 THEN CAST(:nurse AS uuid) END
    FROM (SELECT n, t.*, t.performed_at + interval '30 hours' AS at FROM generate_series(0, :treatments - 1) AS n
    JOIN treatment t ON t.clinic_id = :clinic AND t.id = pg_temp.key('t', n)) AS t
    WHERE pg_temp.drawn(n::text || 'wrote') < 0.03
