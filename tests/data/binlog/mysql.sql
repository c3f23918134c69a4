-- What only MySQL has.
SET NAMES utf8mb4; SET timestamp = 1795367946; USE p;
CREATE TABLE own(id INT PRIMARY KEY, j JSON, v VECTOR(3), g POINT SRID 4326, inv INT INVISIBLE);
INSERT INTO own VALUES (1, '{"bb": [true, 2.5], "a": 1}', string_to_vector('[1,2,-3.5]'), ST_GeomFromText('POINT(1 2)', 4326));
INSERT INTO own (id, j) VALUES (2, json_array(1e0, 1e15, 1e-16, 1.10, cast('2026-11-22' AS DATE), cast('-12:34:56.5' AS TIME(1)), timestamp'2026-11-22 17:19:06', 18446744073709551615, x'00ff')), (3, json_object('k"\n', json_array(), 'o', json_object(), 'long', repeat('y', 300)));
SET SESSION binlog_transaction_compression = ON; BEGIN; UPDATE own SET inv = 5; DELETE FROM own WHERE id = 3; COMMIT; SET SESSION binlog_transaction_compression = OFF;
SET gtid_next = 'automatic:mytag'; INSERT INTO own (id) VALUES (4); SET gtid_next = 'automatic';
CREATE TABLE ctas AS SELECT id FROM own;
