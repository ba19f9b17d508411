-- Version 2. The time of pretraining; trials of before had none.
ALTER TABLE timing ADD COLUMN pretrain_ns INTEGER NOT NULL DEFAULT 0;
