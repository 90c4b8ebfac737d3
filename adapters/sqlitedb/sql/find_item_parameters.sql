-- Of the newest run in force that has item ?1, if institution ?2 sees the item, or anybody does with ?3.
SELECT
    p.item_id, p.run_id, p.a, p.b, p.c, p.a_se, p.b_se, p.c_se, p.infit, p.outfit, p.rmsd, p.item_rest,
    p.s_x2, p.s_x2_df, p.s_x2_p, p.s_x2_rmsea, p.flags, p.responses, p.correct, r.ended_at
FROM item_parameters p
JOIN calibration_runs r ON r.run_id = p.run_id
LEFT JOIN items i ON i.item_id = p.item_id
WHERE p.item_id = ?1 AND r.in_force AND (i.item_id IS NULL OR i.institution_id IS NULL OR ?3 OR i.institution_id = ?2)
ORDER BY r.number DESC
LIMIT 1
