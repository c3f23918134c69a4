-- What only MariaDB has.
SET NAMES utf8mb4; SET timestamp = 1795367946; USE p;
CREATE TABLE own(id INT PRIMARY KEY, u UUID, i4 INET4, i6 INET6, j JSON, vc VARCHAR(200) COMPRESSED, tc TEXT COMPRESSED) CHARACTER SET utf8mb4;
INSERT INTO own VALUES (1, '6ccd780c-baba-1026-9564-5b8c656024db', '1.2.3.0', '::1', '[1, 2]', 'short', repeat('a', 1000)), (2, '00000000-0000-0000-0000-000000000000', '0.0.0.0', '::ffff:1.2.3.4', NULL, repeat('é', 100), '');
CREATE TABLE ctas AS SELECT id, i4 FROM own;
SET SESSION binlog_alter_two_phase = 1; ALTER TABLE ctas ADD COLUMN k INT DEFAULT 5; SET SESSION binlog_alter_two_phase = 0;
SET GLOBAL log_bin_compress = 1;
INSERT INTO own (id, tc) VALUES (3, repeat('b', 500)); UPDATE own SET tc = repeat('c', 500); DELETE FROM own WHERE id = 3;
ALTER TABLE own COMMENT = 'a comment that is long enough for the statement to be compressed in the log, which begins at 256 bytes; a comment that is long enough for the statement to be compressed in the log, which begins at 256 bytes; and so on, until the statement has 256 bytes';
SET GLOBAL log_bin_compress = 0;
