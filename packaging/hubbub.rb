# Template of the Homebrew formula: `deno task release` replaces the words between @ signs and writes the
# result to dist/release/.
class Hubbub < Formula
  desc "Chat server in one executable"
  homepage "https://github.com/hubbub-chat/hubbub"
  version "@VERSION@"
  license "MIT"

  on_macos do
    on_arm do
      url "https://github.com/hubbub-chat/hubbub/releases/download/v@VERSION@/hubbub-@VERSION@-macos-arm64.tar.gz"
      sha256 "@SHA256:macos-arm64@"
    end
    on_intel do
      url "https://github.com/hubbub-chat/hubbub/releases/download/v@VERSION@/hubbub-@VERSION@-macos-x64.tar.gz"
      sha256 "@SHA256:macos-x64@"
    end
  end

  on_linux do
    on_arm do
      url "https://github.com/hubbub-chat/hubbub/releases/download/v@VERSION@/hubbub-@VERSION@-linux-arm64.tar.gz"
      sha256 "@SHA256:linux-arm64@"
    end
    on_intel do
      url "https://github.com/hubbub-chat/hubbub/releases/download/v@VERSION@/hubbub-@VERSION@-linux-x64.tar.gz"
      sha256 "@SHA256:linux-x64@"
    end
  end

  def install
    bin.install "hubbub"
    man1.install "hubbub.1"
    bash_completion.install "completions/hubbub.bash" => "hubbub"
    zsh_completion.install "completions/_hubbub"
    fish_completion.install "completions/hubbub.fish"
  end

  service do
    run [opt_bin/"hubbub", "serve", "--data", var/"hubbub"]
    keep_alive true
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/hubbub --version")
  end
end
