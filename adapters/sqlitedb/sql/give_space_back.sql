DELETE FROM space_probe WHERE length(content) <= ?1
