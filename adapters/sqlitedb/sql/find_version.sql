SELECT parameters_version FROM concepts WHERE concept_id = ?1
