package optimizers

// An Origin says which program an optimizer that is not a part of this one
// comes from. What a trial of it gave is the result of just that program: its
// version, its files and the libraries that it found are a part of the trial's
// identity, so that none of them changes unseen.
type Origin struct {
	Plugin  string   `json:"plugin"`            // its id
	Version string   `json:"version"`           // as its manifest says
	Hash    string   `json:"hash"`              // of all its files, such as "sha256:..."
	Runtime []string `json:"runtime,omitempty"` // such as "python 3.11.2"
}
