-- What the figures of a clinic are, written anew: the tables that count, and a query for each figure.
-- Each begins with a line that names it.

-- base
WITH those AS (
  SELECT t.*, p.skin_type FROM treatment t JOIN patient p ON p.id = t.patient_id
  WHERE t.clinic_id = :clinic AND t.withdrawn_at IS NULL AND t.performed_at >= :start AND t.performed_at < :ends
), acts AS (
  SELECT e.flag_id, min(e.at) AS acted, min(e.at) FILTER (WHERE e.kind = 'contact') AS called
  FROM flag_event e WHERE e.staff_id IS NOT NULL AND e.kind <> 'undone'
    AND e.id::text NOT IN (SELECT u.detail ->> 'undoes' FROM flag_event u WHERE u.kind = 'undone') GROUP BY 1
), flags AS (
  SELECT f.*, d.skin_type, d.device, d.lot, d.performed_at, a.acted, a.called FROM flag f
  JOIN those d ON d.id = f.treatment_id LEFT JOIN acts a ON a.flag_id = f.id
), check_ins AS (
  SELECT m.*, d.performed_at, m.claimed_at >= :now - interval '24 hours' AS fresh,
    EXISTS (SELECT FROM treatment l JOIN report r ON r.clinic_id = l.clinic_id AND r.treatment_id = l.id
            JOIN report_revision v ON v.clinic_id = r.clinic_id AND v.report_id = r.id AND v.revision = r.revision
            WHERE l.clinic_id = d.clinic_id AND l.patient_id = d.patient_id AND l.performed_at >= d.performed_at
              AND (r.created_at >= m.claimed_at AND r.created_at < m.claimed_at + interval '1 day'
                OR l.id = d.id AND m.step NOT LIKE 'again%'
                  AND floor((extract(epoch FROM v.seen_at - d.performed_at) / 3600 + 12) / 24) = m.asks_day)) AS answered
  FROM message m JOIN those d ON d.id = m.treatment_id
  WHERE m.asks_day IS NOT NULL AND m.claimed_at IS NOT NULL
    AND m.state NOT IN ('planned', 'expired', 'cancelled', 'undelivered', 'failed', 'quarantined')
), texts AS (
  SELECT *, CASE WHEN state IN ('accepted', 'sent', 'delivered') THEN NULL ELSE reason END AS why FROM message
  WHERE patient_id IS NOT NULL AND due_at >= :start AND due_at < :ends AND due_at <= :now
), known AS (
  SELECT d.*, EXISTS (SELECT FROM flags f JOIN flag_assessment x ON x.flag_id = f.id
                      JOIN assessment a ON a.id = x.assessment_id AND a.cause <> 'told'
                      WHERE f.treatment_id = d.id AND f.state = 'resolved' AND f.outcome IN ('irritation', 'infection_suspected', 'cold_sore', 'allergy_or_granuloma', 'burn', 'scar', 'bruise', 'pigment_change', 'referred', 'emergency')) AS found
  FROM those d WHERE EXISTS (SELECT FROM flags f WHERE f.treatment_id = d.id AND f.state = 'resolved'
                             AND f.outcome IN ('irritation', 'infection_suspected', 'cold_sore', 'allergy_or_granuloma', 'burn', 'scar', 'bruise', 'pigment_change', 'referred', 'emergency'))
    OR EXISTS (SELECT FROM complication c WHERE c.treatment_id = d.id AND c.withdrawn_at IS NULL)
), why AS (
  SELECT DISTINCT f.id, f.outcome IN ('irritation', 'infection_suspected', 'cold_sore', 'allergy_or_granuloma', 'burn', 'scar', 'bruise', 'pigment_change', 'referred', 'emergency') AS was_right, x.value ->> 'rule' AS rule, x.value ->> 'sign' AS sign,
    f.skin_type
  FROM flags f JOIN flag_assessment fa ON fa.flag_id = f.id JOIN assessment a ON a.id = fa.assessment_id,
    jsonb_array_elements(a.findings) AS x
  WHERE a.cause <> 'told' AND f.state = 'resolved' AND (f.outcome IN ('irritation', 'infection_suspected', 'cold_sore', 'allergy_or_granuloma', 'burn', 'scar', 'bruise', 'pigment_change', 'referred', 'emergency') OR f.outcome = 'expected_healing')
), promised AS (
  SELECT f.due_at, f.acted AS seen, NULL::timestamptz AS settled FROM flags f
  WHERE EXISTS (SELECT FROM flag_assessment x JOIN assessment a ON a.id = x.assessment_id
                WHERE x.flag_id = f.id AND a.cause <> 'silence')
  UNION ALL
  SELECT i.due_at, CASE WHEN i.read_by IS NOT NULL THEN i.read_at END, CASE WHEN i.read_by IS NULL THEN i.read_at END
  FROM inbound_text i JOIN those d ON d.id = i.treatment_id
  WHERE i.to_read AND i.due_at IS NOT NULL AND i.answer = ANY(:wordings)
), took AS (
  SELECT 'review' AS what, a.created_at AS began, a.reviewed_at AS ended
  FROM assessment a JOIN those d ON d.id = a.treatment_id WHERE a.cause = 'report'
  UNION ALL SELECT 'first_action', opened_at, acted FROM flags
  UNION ALL SELECT 'contact', opened_at, called FROM flags
  UNION ALL SELECT 'resolve', opened_at, resolved_at FROM flags
)

-- treatments
SELECT 1, count(*) FROM those

-- flags
SELECT 1, count(*), count(*) FILTER (WHERE state = 'resolved' AND outcome IN ('irritation', 'infection_suspected', 'cold_sore', 'allergy_or_granuloma', 'burn', 'scar', 'bruise', 'pigment_change', 'referred', 'emergency')),
  count(*) FILTER (WHERE state = 'resolved' AND outcome = 'expected_healing') FROM flags

-- outcomes
SELECT outcome, count(*) FROM flags WHERE state = 'resolved' GROUP BY 1

-- treatments by skin
SELECT CASE WHEN skin_type <= 2 THEN 'I-II' WHEN skin_type <= 4 THEN 'III-IV' WHEN skin_type <= 6 THEN 'V-VI'
  ELSE 'unknown' END, count(*) FROM those GROUP BY 1

-- flags by skin
SELECT CASE WHEN skin_type <= 2 THEN 'I-II' WHEN skin_type <= 4 THEN 'III-IV' WHEN skin_type <= 6 THEN 'V-VI'
  ELSE 'unknown' END, count(*),
  count(*) FILTER (WHERE state = 'resolved' AND outcome IN ('irritation', 'infection_suspected', 'cold_sore', 'allergy_or_granuloma', 'burn', 'scar', 'bruise', 'pigment_change', 'referred', 'emergency')),
  count(*) FILTER (WHERE state = 'resolved' AND outcome = 'expected_healing') FROM flags GROUP BY 1

-- treatments by week
SELECT date_trunc('week', performed_at AT TIME ZONE 'UTC')::date, count(*) FROM those GROUP BY 1

-- flags by week
SELECT date_trunc('week', performed_at AT TIME ZONE 'UTC')::date, count(*) FROM flags GROUP BY 1

-- open by age
SELECT CASE WHEN opened_at > :now - interval '4 hours' THEN 'under_4_hours'
  WHEN opened_at > :now - interval '24 hours' THEN 'under_24_hours'
  WHEN opened_at > :now - interval '3 days' THEN 'under_3_days' ELSE 'older' END, count(*)
FROM flag WHERE state <> 'resolved' GROUP BY 1

-- check-ins
SELECT 1, count(*), count(*) FILTER (WHERE answered), count(*) FILTER (WHERE NOT answered AND fresh) FROM check_ins

-- check-ins by day
SELECT asks_day, count(*), count(*) FILTER (WHERE answered), count(*) FILTER (WHERE NOT answered AND fresh) FROM check_ins GROUP BY 1

-- check-ins by week
SELECT date_trunc('week', performed_at AT TIME ZONE 'UTC')::date, count(*), count(*) FILTER (WHERE answered), count(*) FILTER (WHERE NOT answered AND fresh) FROM check_ins GROUP BY 1

-- times
SELECT what, count(ended), count(*) FILTER (WHERE ended - began <= interval '24 hours'),
  count(*) FILTER (WHERE coalesce(ended, :now) - began > interval '24 hours'),
  count(*) FILTER (WHERE ended IS NULL AND began >= :now - interval '24 hours') FROM took GROUP BY 1

-- lengths
SELECT row_number() OVER (), what, extract(epoch FROM ended - began) / 60 FROM took WHERE ended IS NOT NULL

-- promises
SELECT 1, count(*) FILTER (WHERE seen IS NOT NULL OR due_at <= coalesce(settled, :now)),
  count(*) FILTER (WHERE seen <= due_at) FROM promised

-- texts
SELECT (state, why)::text, count(*), coalesce(sum(segments), 0), count(segments) FROM texts GROUP BY state, why

-- texts by state
SELECT state, count(*) FROM texts GROUP BY 1

-- charged
SELECT 1, count(*), count(segments), sum(segments) FROM texts
WHERE state IN ('accepted', 'sent', 'delivered', 'undelivered')

-- known
SELECT 1, count(*) FILTER (WHERE found), count(*) FROM known

-- known by skin
SELECT CASE WHEN skin_type <= 3 THEN 'I-III' WHEN skin_type <= 6 THEN 'IV-VI' ELSE 'unknown' END, count(*) FILTER (WHERE found), count(*)
FROM known GROUP BY 1

-- right by skin
SELECT CASE WHEN skin_type <= 3 THEN 'I-III' WHEN skin_type <= 6 THEN 'IV-VI' ELSE 'unknown' END,
  count(DISTINCT id) FILTER (WHERE was_right), count(DISTINCT id) FROM why GROUP BY 1

-- right by rule
SELECT rule, count(DISTINCT id) FILTER (WHERE was_right), count(DISTINCT id) FROM why WHERE rule IS NOT NULL GROUP BY 1

-- right by sign
SELECT sign, count(DISTINCT id) FILTER (WHERE was_right), count(DISTINCT id) FROM why WHERE sign IS NOT NULL GROUP BY 1

-- treatments by device
SELECT device, count(*) FROM those GROUP BY 1

-- flags by device
SELECT device, count(*) FROM flags GROUP BY 1

-- known by device
SELECT device, count(*) FROM known GROUP BY 1

-- treatments by lot
SELECT lot, count(*) FROM those GROUP BY 1

-- flags by lot
SELECT lot, count(*) FROM flags GROUP BY 1

-- known by lot
SELECT lot, count(*) FROM known GROUP BY 1
