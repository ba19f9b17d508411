// Package store keeps results in a SQLite file.
//
// [Open] a file, [DB.Save] each result as it comes, and read them back with
// [DB.Results], in an order that does not depend on when they were saved. The
// file also remembers which experiments asked for which trials
// ([DB.SaveExperiment], [DB.Plan]), so that several experiments can share one
// file and the trials that they have in common: [DB.ResultsOf] and
// [DB.Missing] tell what one of them has and lacks. [Digest] compares files.
//
// Any SQLite client can read the file, also while an experiment runs; the
// tables are described in schema1.sql, schema2.sql and schema3.sql. For example, the best of each optimizer:
//
//	SELECT task, optimizer, max(test_value)
//	FROM result JOIN trial ON trial = id GROUP BY task, optimizer;
//
// # Design
//
// Why SQLite, and not files of our own? It has transactions, recovery after a
// crash, locks between processes and a reader in every language, all of them
// hard to get right. The driver is modernc.org/sqlite, SQLite translated to Go:
// no cgo. A result with a curve of 40 points, 40 probes of 12 layers and 1000
// weights (600 rows) is saved in 5 ms and read in 1.3 ms on one core of a 2-core
// virtual machine (BenchmarkSave, BenchmarkResults); the smallest takes 0.5 ms.
// Trials shorter than that would change the answer.
//
// What does "saved" mean? That neither the death of the process nor that of the
// machine takes it back. The journal is a write-ahead log, and synchronous=FULL
// syncs the log at every commit. NORMAL would survive a killed process too, but
// not a power failure, and saves 0.3 ms per result on an SSD: not worth a
// footnote to the promise. TestKilledWhileSaving keeps it. On macOS a sync
// reaches the drive, but perhaps not through its cache.
//
// Why are timings in tables of their own? Results do not depend on the machine,
// timings do. Two runs agree if all tables but timing and point_timing agree,
// which is a sentence, and a file without those two can still be read.
//
// Why columns, and not one JSON document per result? NaN and infinities, which
// JSON has not; and queries. The price is that a new field needs a migration,
// and TestEveryFieldSurvives fails until it has one.
//
// What is lost on the way? SQLite has no NaN, which is stored as NULL, nor a
// negative zero, which becomes zero. Weights are a blob of little-endian
// float64, and keep every bit.
//
// Who may write at once? Any number of goroutines and processes. Within a
// process writers queue for one connection, since SQLite has one writer at a
// time and waits for it by polling; between processes it polls, for at most 30 s.
// Readers have other connections, and see the file as it was when they began.
//
// What if the schema changes? The file carries its version, and Open runs the
// migrations that it lacks, in one transaction. A file of a newer version is an
// error rather than a guess. The application id in the header keeps us from
// adding our tables to another program's database.
package store
