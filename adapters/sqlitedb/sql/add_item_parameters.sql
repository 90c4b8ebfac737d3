INSERT INTO item_parameters (
    item_id, run_id, a, b, c, a_se, b_se, c_se, infit, outfit, rmsd, item_rest, s_x2, s_x2_df, s_x2_p, s_x2_rmsea,
    flags, responses, correct
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
