-- Version 3: optimizers may be plugins. In results of before they are built in.

ALTER TABLE trial ADD COLUMN origin TEXT;                        -- JSON: the program that the optimizer comes from; NULL: joust
ALTER TABLE result ADD COLUMN unpinned TEXT NOT NULL DEFAULT ''; -- why nothing vouched for its files; empty: they were pinned
ALTER TABLE timing ADD COLUMN transport_ns INTEGER NOT NULL DEFAULT 0; -- part of ask_ns, tell_ns and free_ns
