-- Version 2: probes see more, and once at the start and once at the end they look
-- closely (surveys). In results of version 1 the new columns are NULL.

ALTER TABLE layer ADD COLUMN unit_std REAL;
ALTER TABLE layer ADD COLUMN pre_std REAL;

ALTER TABLE probe ADD COLUMN updates BLOB;             -- of the layers, little-endian float64; NULL: not watched
ALTER TABLE probe ADD COLUMN candidates INTEGER;       -- NULL: the search was not measured
ALTER TABLE probe ADD COLUMN spread REAL;              -- of the losses of the candidates
ALTER TABLE probe ADD COLUMN better REAL;              -- share below their mean
ALTER TABLE probe ADD COLUMN rank_correlation REAL;    -- of the losses on two minibatches

-- What an optimizer said of itself.
CREATE TABLE diagnostic (
	trial    TEXT NOT NULL,
	probe    INTEGER NOT NULL,
	position INTEGER NOT NULL,
	name     TEXT NOT NULL,
	value    REAL,
	PRIMARY KEY (trial, probe, position),
	FOREIGN KEY (trial, probe) REFERENCES probe ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE survey (
	trial     TEXT NOT NULL,
	probe     INTEGER NOT NULL,
	chi       REAL,                      -- of the Jacobian from the inputs to the last stage
	largest   REAL,                      -- singular value of it
	smallest  REAL,
	change    REAL,                      -- of the gradient along itself, relative
	range     REAL,                      -- of the loss along it
	beta      REAL,
	sharpness REAL,
	PRIMARY KEY (trial, probe),
	FOREIGN KEY (trial, probe) REFERENCES probe ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- A closer look at the layer of the same position.
CREATE TABLE survey_layer (
	trial     TEXT NOT NULL,
	probe     INTEGER NOT NULL,
	position  INTEGER NOT NULL,
	cosine    REAL,                      -- of the gradients of parts of the batch and of all of it
	sign      REAL,                      -- share of weights at which these agree
	snr       REAL,                      -- signal to noise, squared, minus 1
	confusion REAL,                      -- smallest cosine between two parts
	rank      REAL,                      -- effective rank of the activations
	stable    REAL,                      -- stable rank
	PRIMARY KEY (trial, probe, position),
	FOREIGN KEY (trial, probe) REFERENCES survey ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- A layer with weights, or a block of them, and what follows up to the next.
CREATE TABLE stage (
	trial    TEXT NOT NULL,
	probe    INTEGER NOT NULL,
	position INTEGER NOT NULL,
	name     TEXT NOT NULL,
	chi      REAL,                       -- mean squared singular value of its Jacobian
	largest  REAL,
	smallest REAL,
	norm     REAL,                       -- of the gradient, below over above
	PRIMARY KEY (trial, probe, position),
	FOREIGN KEY (trial, probe) REFERENCES survey ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE recurrence (
	trial     TEXT NOT NULL,
	probe     INTEGER NOT NULL,
	position  INTEGER NOT NULL,
	name      TEXT NOT NULL,             -- of a layer with a state
	lags      BLOB,                      -- gradient of the state by steps before the last, little-endian float64
	forget    REAL,                      -- mean forget gate; NULL: there is none
	saturated REAL,                      -- share of gates
	norm      REAL,                      -- of the weights from a state to the next
	radius    REAL,
	PRIMARY KEY (trial, probe, position),
	FOREIGN KEY (trial, probe) REFERENCES survey ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The time of pretraining; trials of before had none.
ALTER TABLE timing ADD COLUMN pretrain_ns INTEGER NOT NULL DEFAULT 0;
