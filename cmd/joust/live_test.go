package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/joust-bench/joust/bench"
)

func TestLiveShowsWhatHappensUntilItIsWiped(t *testing.T) {
	now := time.Unix(0, 0)
	trials := trialsOf(bench.Budget{Work: 100}, 2, "sgd")
	v := &live{p: newProgress(trials, 1), title: "tiny", goals: nil, now: func() time.Time { return now }, started: now}
	var m tea.Model = liveModel{live: v}
	view := func() string { return plainText(m.View().Content) }
	send := func(msg tea.Msg) (cmd tea.Cmd) {
		m, cmd = m.Update(msg)
		return cmd
	}
	if got := view(); got != "" {
		t.Errorf("before its size is known it shows %q, want nothing", got)
	}
	send(tea.WindowSizeMsg{Width: 80, Height: 24})
	v.event(bench.Event{Kind: bench.Started, Index: 0})
	now = now.Add(time.Second)
	v.event(bench.Event{Kind: bench.Finished, Index: 0, Result: result(trials[0], bench.Solved, 50, 50, 0.97, time.Second)})
	for _, want := range []string{"1/2 trials, 0:01, about 1 s left", "plain + sgd  ■·", "Ctrl-C"} {
		if got := view(); !strings.Contains(got, want) {
			t.Errorf("does not show %q:\n%s", want, got)
		}
	}
	if got := m.View().Cursor; got == nil || got.Y != strings.Count(view(), "\n") {
		t.Errorf("the cursor is at %v, want the last line of\n%s", got, view())
	}
	send(tea.WindowSizeMsg{Width: 60, Height: 5})
	if got := view(); strings.Count(got, "\n") > 3 {
		t.Errorf("in 5 lines it shows\n%s", got)
	}
	send(tea.WindowSizeMsg{Width: 80, Height: 24})
	if send(tickMsg{}) == nil {
		t.Error("nothing follows a tick, want the next one")
	}
	send(stopMsg{})
	if got := view(); !strings.HasSuffix(got, stoppingText) {
		t.Errorf("after Ctrl-C it ends with %q, want %q", got[max(0, len(got)-80):], stoppingText)
	}
	send(wipeMsg{})
	if got := view(); got != "" {
		t.Errorf("at the end it shows %q, want nothing", got)
	}
}

// The program behind the picture starts, takes messages, and ends.
func TestLiveEnds(t *testing.T) {
	trials := trialsOf(bench.Budget{Work: 100}, 2, "sgd")
	v := newLive(new(bytes.Buffer), newProgress(trials, 1), "tiny", bench.Lists{}, time.Now)
	v.event(bench.Event{Kind: bench.Started, Index: 0})
	v.stopping()
	done := make(chan error, 1)
	go func() { done <- v.close() }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the live leaderboard does not end")
	}
}
