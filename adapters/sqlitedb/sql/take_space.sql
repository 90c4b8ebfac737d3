INSERT INTO space_probe (content) VALUES (zeroblob(?1))
