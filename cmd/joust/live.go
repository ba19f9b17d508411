package main

import (
	"io"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/joust-bench/joust/bench"
)

// How often the live leaderboard is brought up to date, and after how many
// times it is drawn from scratch, in case something else has written on the
// terminal: a key's echo, or a shell, if the run was stopped for a while.
const (
	refresh = 150 * time.Millisecond
	redraw  = 20
)

// A live is a watcher that draws a leaderboard on a terminal, in place.
//
// It reads no keys. So the terminal stays as it is, Ctrl-C and Ctrl-Z do what
// they do everywhere, and a run can be put in the background.
type live struct {
	mu      sync.Mutex
	p       *progress
	title   string
	goals   map[string]string // of tasks, in words
	now     func() time.Time
	started time.Time
	program *tea.Program
	done    chan error
}

func newLive(w io.Writer, p *progress, title string, l bench.Lists, now func() time.Time) *live {
	v := &live{p: p, title: title, goals: make(map[string]string), now: now, started: now(), done: make(chan error, 1)}
	for _, t := range l.Tasks {
		v.goals[t.Name] = t.Goal
	}
	v.program = tea.NewProgram(liveModel{live: v},
		tea.WithOutput(w), tea.WithInput(nil), tea.WithoutSignalHandler(), tea.WithFPS(20))
	go func() {
		_, err := v.program.Run()
		v.done <- err
	}()
	return v
}

// event only takes note: the picture is drawn by the clock.
func (v *live) event(e bench.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.p.event(e, v.now())
}

func (v *live) stopping() { v.program.Send(stopMsg{}) }

// close wipes the leaderboard out: the final one goes to standard output.
func (v *live) close() error {
	v.program.Send(wipeMsg{})
	v.program.Quit()
	return <-v.done
}

type (
	stopMsg struct{}
	wipeMsg struct{}
	tickMsg struct{}
)

// A liveModel is what bubbletea wants to know of a live.
type liveModel struct {
	*live
	width, height int
	ticks         int
	stopping      bool
	wiped         bool
}

func tick() tea.Cmd { return tea.Tick(refresh, func(time.Time) tea.Msg { return tickMsg{} }) }

// Init implements [tea.Model].
func (m liveModel) Init() tea.Cmd { return tick() }

// Update implements [tea.Model].
func (m liveModel) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case stopMsg:
		m.stopping = true
		return m, tea.ClearScreen // the terminal has shown ^C
	case wipeMsg:
		m.wiped = true
	case tickMsg:
		if m.ticks++; m.ticks%redraw == 0 {
			return m, tea.Batch(tick(), tea.ClearScreen)
		}
		return m, tick()
	}
	return m, nil
}

// View implements [tea.Model].
func (m liveModel) View() tea.View {
	if m.wiped || m.width == 0 {
		return tea.NewView("")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	foot := legend(m.p, m.width)
	if m.stopping {
		foot = strong.Render(clip(stoppingText, m.width))
	}
	v := tea.NewView(board(m.p, m.title, m.goals, foot, m.width, m.height-1, now.Sub(m.started), now))
	// The cursor waits at the end of the last line, where a shell goes on if
	// the program is stopped at once.
	v.Cursor = tea.NewCursor(min(lipgloss.Width(foot), m.width-1), strings.Count(v.Content, "\n"))
	return v
}
