package outreach

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/job"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
)

func tasks(d service.Deps) []job.Task {
	p := publicationsOf(d)
	r := &registrations{publications: p}
	return slices.Concat([]job.Task{
		{Name: "publish-due", Every: 15 * time.Second, Run: p.appearDue},
		{Name: "send-mails", Every: 5 * time.Second, Run: r.sendMails},
		{Name: "lapse-registrations", Every: time.Minute, Run: r.lapseOverdue},
		{Name: "draw-events", Every: time.Minute, Run: r.drawDue},
		{Name: "erase-registrants", Every: time.Hour, Run: r.erase},
		{Name: "erase-applicants", Every: time.Hour, Run: (&applications{publications: p}).eraseApplicants},
		{Name: "erase-trainees", Every: time.Hour, Run: (&trainings{publications: p}).eraseTrainees},
	}, boardTasks(d), sourceTasks(d), noticeTasks(d), newsletterTasks(d))
}
