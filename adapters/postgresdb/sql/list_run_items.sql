SELECT
    p.item_id, p.run_id, p.a, p.b, p.c, p.a_se, p.b_se, p.c_se, p.infit, p.outfit, p.rmsd, p.item_rest,
    p.s_x2, p.s_x2_df, p.s_x2_p, p.s_x2_rmsea, p.flags, p.responses, p.correct, r.ended_at
FROM journey.calibration_runs r
JOIN journey.item_parameters p ON p.run_id = r.run_id
LEFT JOIN journey.items i ON i.item_id = p.item_id
WHERE r.run_id = $1 AND (i.item_id IS NULL OR i.institution_id IS NULL OR $3 OR i.institution_id = $2)
ORDER BY p.item_id
