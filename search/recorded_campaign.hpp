#pragma once

#include <vector>

#include "results/store.hpp"
#include "search/recorded_space.hpp"

namespace kbench {

// What a campaign found out, as recorded spaces: one for each of its kernels of which more than one
// configuration was judged, named TASK-KERNEL-CAMPAIGN. Times are screened medians; costs are what
// the evaluation took when it was first judged, so that answers from the store cost the same again.
// Configurations that the judge could not answer for are left out. A campaign without any such
// kernel is an error.
Result<std::vector<RecordedSpace>> recorded_campaign(const Store& store, int64_t campaign);

// What all campaigns of a task found out, one for each kernel, named TASK-KERNEL: the problem and
// the device model are params beside the kernel's own ("problem.rows", "device"). Of a
// configuration judged several times the newest answer counts. Of energy they hold those whose
// energy was measured, and mJ of a call in place of ms.
enum class Figure { time, energy };
Result<std::vector<RecordedSpace>> recorded_task(const Store& store, const std::string& task,
                                                 Figure figure = Figure::time);

}  // namespace kbench
