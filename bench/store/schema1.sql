-- Version 1. Timings are in the tables timing and point_timing and nowhere
-- else: leave these two out, and what is left must not depend on the machine.
-- A NULL in a REAL column is NaN, except in result.target.

-- A trial that was planned or made.
CREATE TABLE trial (
	id               TEXT PRIMARY KEY,   -- hash of the content: bench.Trial.ID
	task             TEXT NOT NULL,
	task_config      TEXT,               -- JSON, as the other two
	model            TEXT NOT NULL,
	model_config     TEXT,
	optimizer        TEXT NOT NULL,
	optimizer_config TEXT,
	seed             INTEGER NOT NULL,   -- 64 bits: from 2^63 they read as negative
	batch            INTEGER NOT NULL,   -- 0: all of the training data
	budget_work      REAL NOT NULL,      -- 0: no limit
	budget_wall_ns   INTEGER NOT NULL,   -- 0: no limit
	grad_cost        REAL NOT NULL,
	precision        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What came of a trial.
CREATE TABLE result (
	trial          TEXT PRIMARY KEY REFERENCES trial,
	status         TEXT NOT NULL,
	reason         TEXT NOT NULL,
	dim            INTEGER NOT NULL,     -- number of weights
	examples       INTEGER NOT NULL,     -- of training data
	batch          INTEGER NOT NULL,     -- of a minibatch, resolved
	metric         TEXT NOT NULL,
	metric_higher  INTEGER NOT NULL,     -- 1: more is better
	metric_unit    TEXT NOT NULL,
	target         REAL,                 -- NULL: there is none
	work_forward   INTEGER NOT NULL,
	work_backward  INTEGER NOT NULL,
	steps          INTEGER NOT NULL,
	evaluations    INTEGER NOT NULL,
	hit_forward    INTEGER,              -- NULL: the target was not reached
	hit_backward   INTEGER,
	valid_loss     REAL,
	valid_value    REAL,
	test_loss      REAL,
	test_value     REAL,
	constant_loss  REAL,                 -- of the best constant predictor
	constant_value REAL,
	weights        BLOB,                 -- final weights, little-endian float64
	CHECK ((hit_forward IS NULL) = (hit_backward IS NULL))
) STRICT;

CREATE TABLE timing (
	trial   TEXT PRIMARY KEY REFERENCES result ON DELETE CASCADE,
	wall_ns INTEGER NOT NULL,
	ask_ns  INTEGER NOT NULL,
	tell_ns INTEGER NOT NULL,
	eval_ns INTEGER NOT NULL,
	free_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per sample of a learning curve.
CREATE TABLE point (
	trial         TEXT NOT NULL REFERENCES result ON DELETE CASCADE,
	position      INTEGER NOT NULL,      -- 0, 1, ...
	work_forward  INTEGER NOT NULL,
	work_backward INTEGER NOT NULL,
	step          INTEGER NOT NULL,
	train         REAL,
	valid_loss    REAL,
	valid_value   REAL,
	PRIMARY KEY (trial, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE point_timing (
	trial    TEXT NOT NULL REFERENCES result ON DELETE CASCADE,
	position INTEGER NOT NULL,
	wall_ns  INTEGER NOT NULL,           -- since the trial began
	PRIMARY KEY (trial, position)
) STRICT, WITHOUT ROWID;

-- One row per measurement of the gradient, and one per layer of it.
CREATE TABLE probe (
	trial         TEXT NOT NULL REFERENCES result ON DELETE CASCADE,
	position      INTEGER NOT NULL,
	work_forward  INTEGER NOT NULL,
	work_backward INTEGER NOT NULL,
	PRIMARY KEY (trial, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE layer (
	trial     TEXT NOT NULL,
	probe     INTEGER NOT NULL,
	position  INTEGER NOT NULL,          -- 0 is at the input
	name      TEXT NOT NULL,
	depth     INTEGER NOT NULL,
	delta     REAL,
	grad      REAL,
	weight    REAL,
	mean      REAL,
	std       REAL,
	dead      REAL,
	saturated REAL,
	PRIMARY KEY (trial, probe, position),
	FOREIGN KEY (trial, probe) REFERENCES probe ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- A grid of trials, and the program and machine that last ran it.
CREATE TABLE experiment (
	id       TEXT PRIMARY KEY,           -- hash of name and resolved
	name     TEXT NOT NULL,
	source   TEXT NOT NULL,              -- the file as its author wrote it
	resolved TEXT NOT NULL,              -- with every default filled in
	started  TEXT NOT NULL,              -- UTC
	version  TEXT NOT NULL,              -- of joust
	go       TEXT NOT NULL,
	machine  TEXT                        -- JSON
) STRICT, WITHOUT ROWID;

-- Which trials an experiment consists of, in its order.
CREATE TABLE plan (
	experiment TEXT NOT NULL REFERENCES experiment,
	position   INTEGER NOT NULL,
	trial      TEXT NOT NULL REFERENCES trial,
	PRIMARY KEY (experiment, position),
	UNIQUE (experiment, trial)
) STRICT, WITHOUT ROWID;
