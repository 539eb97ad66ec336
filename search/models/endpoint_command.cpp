#include <cstdlib>

#include "core/process.hpp"
#include "search/models/endpoint.hpp"

namespace kbench {

namespace {

// The prompt as plain text on its standard input, the reply from its standard output. The user's
// own program: it sees the user's HOME, and nothing else of the environment but PATH.
class CommandEndpoint final : public Endpoint {
 public:
  CommandEndpoint(std::string command, const EndpointSetup& setup)
      : command_(std::move(command)), limit_(setup.limit) {}

  Exchange ask(const ChatRequest& request) override {
    Exchange exchange;
    exchange.request = request.system;
    for (const ChatMessage& message : request.messages) {
      if (!exchange.request.empty()) exchange.request += "\n\n";
      if (message.role == ChatMessage::Role::assistant)
        exchange.request += "Your last reply was:\n";
      exchange.request += message.text;
    }
    exchange.request += '\n';
    ProcessSpec spec;
    spec.arguments = {"sh", "-c", command_};
    spec.input = exchange.request;
    spec.limit = limit_;
    if (const char* home = std::getenv("HOME"))
      spec.environment.push_back(std::string("HOME=") + home);
    exchange.attempts = 1;
    auto done = run_process(spec);
    if (!done) {
      exchange.reply = miss(ModelFailure::transport, done.error().text());
      return exchange;
    }
    exchange.delivered = true;
    exchange.response = done->out;
    exchange.milliseconds = done->milliseconds;
    if (done->timed_out) {
      exchange.reply = miss(ModelFailure::transport, "the command did not end in time");
    } else if (done->exit_code != 0) {
      exchange.reply = miss(ModelFailure::transport, "the command ended with " +
                                                         std::to_string(done->exit_code) + ": " +
                                                         as_text(done->err.substr(0, 500)));
    } else if (trim(done->out).empty()) {
      exchange.reply = miss(ModelFailure::empty, "the command wrote nothing");
    } else {
      exchange.reply = ChatReply{done->out, ""};
    }
    return exchange;
  }

 private:
  std::string command_;
  std::chrono::milliseconds limit_;
};

const bool kRegistered = endpoints().add(
    "command",
    {"A program that reads a prompt and writes a reply: command:PROGRAM ARGUMENTS",
     [](const ModelName& model, const EndpointSetup& setup) -> Result<std::unique_ptr<Endpoint>> {
       return std::make_unique<CommandEndpoint>(model.name, setup);
     }});

}  // namespace

}  // namespace kbench
